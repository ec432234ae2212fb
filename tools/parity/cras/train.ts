/**
 * Our side of the three seeds: trains paper mode through the library, as a user would.
 *
 *   node tools/parity/cras/train.ts <data folder> <model.onnx> <seed> <dimension> <noise> <epochs> [batch]
 */
import { trainModel } from '@assay/core'

const [data, out, ...numbers] = process.argv.slice(2)
const [seed, dimension, noiseScale, epochs, batch = 8] = numbers.map(Number)
if (data === undefined || out === undefined || seed === undefined || !dimension || !noiseScale || !epochs) {
  console.error('usage: train.ts <data folder> <model.onnx> <seed> <dimension> <noise> <epochs> [batch]')
  process.exit(64)
}
const training = trainModel({
  data,
  out,
  method: 'cras',
  mode: 'paper',
  seed,
  threads: 1,
  recipe: { features: { dimension }, cras: { noiseScale, epochs, batch } },
})
const losses: number[] = []
for (;;) {
  const event = await training.next()
  if (event.done === true) {
    const { steps, seconds, recipe } = event.value
    const { features, cras, input, score } = recipe
    console.log(JSON.stringify({ steps, seconds, losses, recipe: { features, cras, input, score } }))
    break
  }
  if (event.value.type === 'step') losses.push(event.value.loss)
  else if (event.value.type === 'data') console.error(JSON.stringify(event.value.products))
  else if (event.value.type === 'image-error') throw new Error(event.value.message)
}
