/**
 * A process that judges pictures with models that it keeps open. Those that were not used for longest are closed when
 * there are too many; a new version of a model is open before the one it replaces is.
 */
import { openModel, type Inspector } from '@assay/core'
import { answer } from '../child/answer.ts'
import { inspectFile } from './inspect-file.ts'
import type { JudgeReply, JudgeRequest } from './message.ts'

/** The one used last stands at the end. */
const models = new Map<string, Promise<Inspector>>()

answer<JudgeReply>(async (request: JudgeRequest) => {
  const model = await find(request)
  if (request.kind === 'open') return { kind: 'opened', card: model.card }
  const { picture, name, map, mask } = request
  return { kind: 'inspected', ...(await inspectFile(model, picture, { name, map, mask })) }
})

async function find({ model, settings }: JudgeRequest): Promise<Inspector> {
  const { threads, maxPixels, openModels } = settings
  const found = models.get(model.id) ?? openModel(model.path, { threads, maxPixels })
  models.delete(model.id)
  models.set(model.id, found)
  try {
    await found
  } catch (error) {
    models.delete(model.id)
    throw error
  }
  // One request at a time: nothing else uses the models that are closed here.
  for (const [id, old] of models) {
    if (models.size <= openModels) break
    models.delete(id)
    await (await old)[Symbol.asyncDispose]()
  }
  return await found
}
