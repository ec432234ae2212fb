/**
 * The library in twenty lines: learn from a folder of good parts, then ask about a picture.
 *
 *   npx node examples/train-and-inspect.ts <folder of good images> <picture>
 */
import { openModel, trainModel } from '@assay/core'

export async function trainAndInspect(data: string, picture: string, out = 'model.onnx'): Promise<string> {
  const training = trainModel({ data, out, profile: 'fast' })
  let state = await training.next()
  while (state.done !== true) {
    if (state.value.type === 'step' && state.value.step % 50 === 0)
      console.error(`step ${state.value.step} of ${state.value.of}, loss ${state.value.loss.toFixed(3)}`)
    state = await training.next()
  }

  await using model = await openModel(out)
  const { record, mask } = await model.inspect(picture)
  const share = mask.reduce((sum, m) => sum + m, 0) / mask.length
  return `${record.verdict}: score ${record.score?.toFixed(2)} against ${record.threshold?.toFixed(2)}, ${record.regions.length} regions, ${(100 * share).toFixed(1)} % of the picture`
}

if (import.meta.main) {
  const [data, picture] = process.argv.slice(2)
  if (data === undefined || picture === undefined)
    throw new Error('usage: train-and-inspect.ts <folder> <picture>')
  console.log(await trainAndInspect(data, picture))
}
