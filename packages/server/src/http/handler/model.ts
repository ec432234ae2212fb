/** Models: versions, which of them judges, and their thresholds. */
import { AssayError } from '@assay/contract'
import { moveThreshold } from '@assay/core'
import type { Services } from '../../services.ts'
import { createStores } from '../../store/index.ts'
import type { Handlers } from '../call.ts'
import { createFiles } from './file.ts'
import { onlyFile } from './only.ts'
import type { HandlerTools } from './tool.ts'

type ModelHandlers = Pick<
  Handlers,
  | 'listModels'
  | 'uploadModel'
  | 'readModel'
  | 'readModelFile'
  | 'activateModel'
  | 'rollBack'
  | 'setThreshold'
  | 'readEvaluation'
>

export function createModelHandlers(services: Services, { newId }: HandlerTools): ModelHandlers {
  const { stores, judge, blobs, database } = services
  const { model: models, product: products } = stores
  const files = createFiles(services)

  /** Opened first, so that no request waits for it and none is judged by one that cannot be opened. */
  const activate = async (product: string, model: string): Promise<void> => {
    await judge.warm(product, model)
    await products.activate(product, model)
  }

  return {
    listModels: async ({ params }) => {
      await products.read(params.product)
      return { items: await models.list(params.product) }
    },
    uploadModel: async ({ params: { product }, body, newId: id }) => {
      const { staged, renameFault } = onlyFile(body)
      await products.read(product)
      const card = await judge.readModel(staged.path).catch(renameFault)
      if (card.products.length > 1)
        throw new AssayError('CONFLICT', {
          reason: `the model is for ${card.products.length} products`,
          hint: 'A model of the studio is for one: train it with --product.',
        })
      const { sha256, bytes, undo } = await staged.keep()
      try {
        return await models.add({ id, product, origin: 'import', sha256, bytes, card })
      } catch (error) {
        await undo()
        throw error
      }
    },
    readModel: async ({ params }) => ({
      ...(await models.read(params.model)),
      card: await models.readCard(params.model),
    }),
    readModelFile: async ({ params }) => {
      const { sha256, product, version } = await models.read(params.model)
      const { name } = await products.read(product)
      return files.file(sha256, 'application/octet-stream', `${name} ${version}.onnx`)
    },
    activateModel: async ({ params }) => {
      const { product, id } = await models.read(params.model)
      await activate(product, id)
      return models.read(id)
    },
    rollBack: async ({ params: { product } }) => {
      const model = await products.earlierModel(product)
      await judge.warm(product, model)
      await products.rollBack(product, model)
      return models.read(model)
    },
    setThreshold: async ({ params, body: { threshold, activate: isWanted }, newId: id }) => {
      const parent = await models.read(params.model)
      const { bytes: file, card } = await moveThreshold(await blobs.read(parent.sha256), threshold)
      const { sha256, bytes } = await blobs.put(file)
      await database.db.transaction().execute(async (trx) => {
        const { model, evaluation } = createStores(trx)
        const { product } = parent
        await model.add({ id, product, origin: 'calibrate', parent: parent.id, sha256, bytes, card })
        const isNew = (await model.read(id)).evaluation === null
        // The scores stay what they were; only where they are cut is new.
        if (parent.evaluation !== null && isNew) {
          const { id: _, model: __, createdAt: ___, ...result } = await evaluation.readLast(parent.id)
          await evaluation.add({ id: newId(), model: id, job: null, result: { ...result, threshold } })
        }
      })
      if (isWanted) await activate(parent.product, id)
      return models.read(id)
    },
    readEvaluation: async ({ params }) => {
      await models.read(params.model)
      return stores.evaluation.readLast(params.model)
    },
  }
}
