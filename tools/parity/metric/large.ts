/**
 * Exact AU-PRO of the maps that large.py wrote, read one after the other as an evaluation has them.
 *
 * node tools/parity/metric/large.ts <folder>
 */
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aupro, createPixelAccumulator } from '../../../packages/core/src/metric/index.ts'

const [folder = ''] = process.argv.slice(2)
const { images, width, height } = JSON.parse(await readFile(join(folder, 'set.json'), 'utf8'))
await using maps = await open(join(folder, 'maps.bin'))
await using masks = await open(join(folder, 'masks.bin'))
const map = new Float32Array(width * height)
const mask = new Uint8Array(width * height)
const pixels = createPixelAccumulator()
let micros = 0

/** Adds up processor time of all threads. */
function count<T>(work: () => T): T {
  const started = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(started)
  micros += user + system
  return result
}

for (let i = 0; i < images; i++) {
  await maps.read(map, 0, map.byteLength, i * map.byteLength)
  await masks.read(mask, 0, mask.byteLength, i * mask.byteLength)
  count(() => pixels.add(map, mask.includes(1) ? mask : null, width, height))
}
const areas = count(() => aupro(pixels.rank(), [0.05, 0.3, 1]))
process.stdout.write(
  JSON.stringify({ aupro: areas, seconds: micros / 1e6, peak: process.resourceUsage().maxRSS * 1024 }),
)
