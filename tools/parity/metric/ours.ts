/**
 * Measures the maps that judge.py wrote, and how long each part takes.
 *
 * node tools/parity/metric/ours.ts <folder>    `<folder>/set.json` says how many and how large
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  aupro,
  auroc,
  averagePrecision,
  boundAreas,
  createAupimo,
  createHistogramCounter,
  createHistogramRanker,
  createPixelAccumulator,
  estimateIntervals,
  f1Max,
  partialAuroc,
} from '../../../packages/core/src/metric/index.ts'

const [folder = ''] = process.argv.slice(2)
const { images, width, height } = JSON.parse(await readFile(join(folder, 'set.json'), 'utf8'))
const maps = new Float32Array((await readFile(join(folder, 'maps.bin'))).buffer)
const masks = new Uint8Array((await readFile(join(folder, 'masks.bin'))).buffer)
const size = width * height
const pictures = Array.from({ length: images }, (_, i) => {
  const mask = masks.subarray(i * size, (i + 1) * size)
  return { map: maps.subarray(i * size, (i + 1) * size), mask: mask.includes(1) ? mask : null }
})
const limits = [0.05, 0.3, 1]

/** The seconds of processor time, of all threads together: clocks lie on a busy machine. */
function time<T>(work: () => T): { value: T; seconds: number } {
  const started = process.cpuUsage()
  const value = work()
  const { user, system } = process.cpuUsage(started)
  return { value, seconds: (user + system) / 1e6 }
}

const exact = time(() => {
  const pixels = createPixelAccumulator()
  for (const { map, mask } of pictures) pixels.add(map, mask, width, height)
  const ranking = pixels.rank()
  return { ranking, aupro: aupro(ranking, limits) }
})
const { ranking } = exact.value
const perImage = time(() => {
  const accumulator = createAupimo({ goodImages: pictures.filter(({ mask }) => mask === null).length })
  for (const { map, mask } of pictures) accumulator.add(map, mask)
  return accumulator.evaluate()
})
const counted = time(() => {
  const counter = createHistogramCounter()
  return pictures.map(({ map, mask }) => counter.count(map, mask, width, height))
})
const binned = createHistogramRanker(counted.value)(pictures.map(() => 1))
const intervals = time(() =>
  estimateIntervals(
    pictures.map(({ map, mask }, i) => ({
      score: map.reduce((highest, score) => Math.max(highest, score), -Infinity),
      isDefect: mask !== null,
      histogram: counted.value[i]!,
    })),
  ),
)
process.stdout.write(
  JSON.stringify({
    aupro: exact.value.aupro,
    seconds: exact.seconds,
    auroc: auroc(ranking),
    ap: averagePrecision(ranking),
    f1Max: f1Max(ranking)?.value ?? null,
    mcclish: partialAuroc(ranking, 0.05, 'mcclish'),
    aupimo: 'why' in perImage.value ? null : perImage.value,
    aupimoSeconds: perImage.seconds,
    binned: {
      auroc: auroc(binned),
      aupro: aupro(binned, limits),
      bounds: limits.map((l) => boundAreas(binned, l)),
    },
    bins: counted.value.reduce((sum, { bins }) => sum + bins.length, 0) / images,
    countSeconds: counted.seconds,
    intervals: intervals.value,
    intervalSeconds: intervals.seconds,
  }),
)
