/** What connects a production line: folders that are watched, and targets that are told. */
import { AssayError, suggest } from '@assay/contract'
import type { Services } from '../../services.ts'
import type { Handlers } from '../call.ts'

type LineHandlers = Pick<
  Handlers,
  'listTargets' | 'listHooks' | 'createHook' | 'deleteHook' | 'listWatches' | 'createWatch' | 'deleteWatch'
>

export function createLineHandlers({ stores, line }: Services): LineHandlers {
  const { hook: hooks, watch: watches, product: products } = stores
  return {
    listTargets: async () => ({ items: [...line.targets()] }),
    listHooks: async () => ({ items: await hooks.list() }),
    createHook: async ({ body, newId: id }) => {
      await products.read(body.product)
      const known = line.targets().map(({ name }) => name)
      if (!known.includes(body.target)) {
        const similar = suggest(body.target, known)
        throw new AssayError('REQUEST_INVALID', {
          where: '"target" of the body',
          reason: `the server was configured with no target of this name${similar === undefined ? '' : `; did you mean "${similar}"?`}`,
        })
      }
      const hook = await hooks.create({ id, ...body })
      await line.refresh()
      return hook
    },
    deleteHook: async ({ params }) => {
      await hooks.remove(params.hook)
      await line.refresh()
    },
    listWatches: async () => ({
      items: (await watches.list()).map((watch) => ({ ...watch, isRunning: line.isWatching(watch.id) })),
    }),
    createWatch: async ({ body: { product, folder }, newId: id }) => {
      await products.read(product)
      const watch = await watches.create({ id, product, folder: await line.confine(folder) })
      await line.refresh()
      return { ...watch, isRunning: line.isWatching(id) }
    },
    deleteWatch: async ({ params }) => {
      await watches.remove(params.watch)
      await line.refresh()
    },
  }
}
