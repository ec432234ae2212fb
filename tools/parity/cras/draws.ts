/**
 * Says on standard output what our training draws from its seed, for a reference run that shall draw the same.
 *
 *   node tools/parity/cras/draws.ts <seed> <images> <rows per step> <dimension> <epochs> <steps>
 *
 * First the order of the images in each epoch, int32 [epochs, images]; then the unit noise of each step,
 * float32 [rows, dimension]. The streams are those of packages/core/src/method/cras/fit.ts.
 */
import { once } from 'node:events'
import { createRandom } from '../../../packages/core/src/random.ts'

const numbers = process.argv.slice(2).map(Number)
const [seed, images, rows, dimension, epochs, steps] = numbers
if (seed === undefined || !images || !rows || !dimension || !epochs || !steps) {
  console.error('usage: draws.ts <seed> <images> <rows per step> <dimension> <epochs> <steps>')
  process.exit(64)
}
for (let epoch = 0; epoch < epochs; epoch++) {
  const order = Int32Array.from({ length: images }, (_, i) => i)
  createRandom(seed, 'cras-epoch', epoch).shuffle(order)
  await say(order)
}
for (let step = 0; step < steps; step++) {
  const noise = new Float32Array(rows * dimension)
  createRandom(seed, 'cras-noise', step, 0).fillNormal(noise)
  await say(noise)
}

async function say(values: Int32Array | Float32Array): Promise<void> {
  if (!process.stdout.write(Buffer.from(values.buffer))) await once(process.stdout, 'drain')
}
