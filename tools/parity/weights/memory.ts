/**
 * How much memory it takes to add a checkpoint of gigabytes to the cache and to read every tensor in it.
 *
 *     node tools/parity/weights/memory.ts <file> <empty folder>
 *
 * Prints the largest resident memory of this process, as the system counted it, and how long both steps took. The
 * numbers of each tensor of checkpoint.py are all the same, and those of no other.
 */
import { createHash } from 'node:crypto'
import { argv, resourceUsage } from 'node:process'

import { addWeights, openPublishedWeights } from '../../../packages/core/src/weights/cache/index.ts'

const [, , file, cache] = argv
if (file === undefined || cache === undefined) throw new Error('give a file and an empty folder')

// The entry of another file, so that this one is judged tensor by tensor.
const entry = {
  id: 'large',
  url: 'https://weights.invalid/large.pth',
  bytes: 1,
  sha256: createHash('sha256').digest('hex'),
  licence: 'CC0-1.0',
  origin: 'made up',
  note: '',
}
const place = { cache, catalogue: [entry] }
const peak = (): string => `${Math.round(resourceUsage().maxRSS / 1000)} MB`

console.log(`after loading: ${peak()}`)
let started = performance.now()
const adding = addWeights(entry.id, file, { ...place, check: () => undefined })
while ((await adding.next()).done !== true);
console.log(`added in ${Math.round((performance.now() - started) / 1000)} s: ${peak()}`)

started = performance.now()
await using checkpoint = (await openPublishedWeights(entry.id, place)).checkpoint
let bytes = 0
// Safetensors files have their tensors in an order of their own.
const places = new Set<unknown>()
for (const name of checkpoint.names()) {
  const { data } = await checkpoint.tensor(name)
  bytes += data.byteLength
  if (data[0] !== data.at(-1) || places.has(data[0])) throw new Error(`${name} is not what was written`)
  places.add(data[0])
}
console.log(
  `read ${checkpoint.names().length} tensors, ${(bytes / 1e9).toFixed(2)} GB, in ${Math.round((performance.now() - started) / 1000)} s: ${peak()}`,
)
