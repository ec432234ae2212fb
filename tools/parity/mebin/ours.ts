/**
 * Our side of compare.py: binarises the maps of a folder as published and prints times, thresholds and
 * digests of the masks as JSON.
 *
 *   node tools/parity/mebin/ours.ts <folder of <i>.f32> <width> <height>
 *
 * Processor time of all threads of this process, so that compiling and collecting garbage count; one
 * round before warms up.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AnomalyMap,
  findPublishedThreshold,
  fitBinariser,
  mebinPublished,
  sigmaPublished,
  uniteBinarisers,
} from '../../../packages/core/src/binarise/index.ts'

const [folder = '.', width = '0', height = '0'] = process.argv.slice(2)
const maps: AnomalyMap[] = readdirSync(folder)
  .filter((name) => name.endsWith('.f32'))
  .sort()
  .map((name) => {
    const bytes = readFileSync(join(folder, name))
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    return { width: Number(width), height: Number(height), values }
  })

async function spent(task: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage()
  await task()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

const both = uniteBinarisers([mebinPublished, sigmaPublished])
let masks: Uint8Array[] = []
async function runWhole(): Promise<void> {
  const states = await fitBinariser(both, maps, both.defaults)
  masks = maps.map((map) => both.binarise(map, states ?? [], both.defaults))
}
async function runMebin(): Promise<void> {
  const state = await fitBinariser(mebinPublished, maps, null)
  if (state === null) throw new Error('internal: the published binariser is fitted')
  for (const map of maps) mebinPublished.binarise(map, state, null)
}

await runWhole()
const whole = await spent(runWhole)
const mebin = await spent(runMebin)
const range = await fitBinariser(mebinPublished, maps, null)
if (range === null) throw new Error('internal: the published binariser is fitted')
console.log(
  JSON.stringify({
    whole,
    mebin,
    thresholds: maps.map((map) => findPublishedThreshold(map, range)),
    masks: masks.map((mask) => createHash('sha256').update(mask).digest('hex')),
  }),
)
