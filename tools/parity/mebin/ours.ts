/**
 * Our side of compare.py: for every line `<folder of <i>.f32> <width> <height>` of the input, binarises the maps of the
 * folder as published and prints times, thresholds and digests of the masks as a line of JSON; and, not timed, those
 * of assay mode, whose range comes from the same maps.
 *
 *   node tools/parity/mebin/ours.ts
 *
 * Processor time of all threads of this process, so that compiling and collecting garbage count.
 */
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  type AnomalyMap,
  findMebinThreshold,
  findPublishedThreshold,
  fitBinariser,
  mebin,
  mebinPublished,
  sigmaPublished,
  uniteBinarisers,
} from '../../../packages/core/src/binarise/index.ts'

for await (const line of createInterface({ input: process.stdin })) {
  const [folder = '.', width, height] = line.split(' ')
  console.log(JSON.stringify(await answer(readMaps(folder, Number(width), Number(height)))))
}

function readMaps(folder: string, width: number, height: number): readonly AnomalyMap[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.f32'))
  return names.toSorted().map((name) => {
    const bytes = readFileSync(join(folder, name))
    const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
    return { width, height, values }
  })
}

async function answer(maps: readonly AnomalyMap[]): Promise<unknown> {
  const both = uniteBinarisers([mebinPublished, sigmaPublished])
  const whole = await timed(async () => {
    const states = await fitBinariser(both, maps, both.defaults)
    return maps.map((map) => both.binarise(map, states ?? [], both.defaults))
  })
  const alone = await timed(async () => {
    const state = required(await fitBinariser(mebinPublished, maps, null))
    return maps.map((map) => mebinPublished.binarise(map, state, null))
  })
  const range = required(await fitBinariser(mebinPublished, maps, null))
  const state = required(await fitBinariser(mebin, maps, mebin.defaults))
  return {
    whole: whole.ms,
    mebin: alone.ms,
    thresholds: maps.map((map) => findPublishedThreshold(map, range)),
    masks: whole.masks.map(digest),
    mebinMasks: alone.masks.map(digest),
    assay: {
      ...state,
      thresholds: maps.map((map) => findMebinThreshold(map, state, mebin.defaults)),
      masks: maps.map((map) => digest(mebin.binarise(map, state, mebin.defaults))),
    },
  }
}

async function timed(task: () => Promise<Uint8Array[]>): Promise<{ ms: number; masks: Uint8Array[] }> {
  const start = process.cpuUsage()
  const masks = await task()
  const { user, system } = process.cpuUsage(start)
  return { ms: (user + system) / 1000, masks }
}

function required<T>(state: T | null): T {
  if (state === null) throw new Error('internal: a binariser that learns was not fitted')
  return state
}

function digest(mask: Uint8Array): string {
  return createHash('sha256').update(mask).digest('hex')
}
