/** Products and what is known of their pictures. */
import type { Services } from '../../services.ts'
import { computeDrift, mostScores } from '../../drift/index.ts'
import type { Handlers } from '../call.ts'

type ProductHandlers = Pick<
  Handlers,
  | 'listProducts'
  | 'createProduct'
  | 'readProduct'
  | 'changeProduct'
  | 'deleteProduct'
  | 'understandProduct'
  | 'examineProduct'
  | 'readDrift'
>

export function createProductHandlers({ stores, doctor, judge }: Services): ProductHandlers {
  const { product: products } = stores
  return {
    listProducts: async () => ({ items: await products.list() }),
    createProduct: async ({ body, newId }) => products.create(newId, body.name),
    readProduct: async ({ params }) => products.read(params.product),
    changeProduct: async ({ params, body }) => {
      // A shadow that cannot be opened is refused before it is one.
      if (body.shadowModel != null) {
        const { product } = await stores.model.read(body.shadowModel)
        if (product === params.product) await judge.warm(product, body.shadowModel)
      }
      return products.change(params.product, body)
    },
    deleteProduct: async ({ params }) => products.remove(params.product),
    understandProduct: async ({ params }) => {
      await products.read(params.product)
      return doctor.understand(params.product)
    },
    examineProduct: async ({ params }) => {
      await products.read(params.product)
      return { items: [...(await doctor.examine(params.product))] }
    },
    readDrift: async ({ params }) => {
      const { activeModel } = await products.read(params.product)
      const scores = activeModel === null ? [] : await stores.inspection.scores(activeModel, mostScores)
      return { model: activeModel, ...computeDrift(scores) }
    },
  }
}
