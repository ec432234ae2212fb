/**
 * Measures the cases that cases.py drew, all in one process.
 *
 * node tools/parity/metric/cases.ts <folder>
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saturatedArea } from '../../../packages/core/src/dataset/index.ts'
import {
  aupro,
  auroc,
  averagePrecision,
  createAupimo,
  createTally,
  createPixelAccumulator,
  evaluateSaturated,
  f1Max,
  partialAuroc,
  rankScores,
  type Ranking,
  type Tally,
} from '../../../packages/core/src/metric/index.ts'

interface Drawn {
  readonly shape: readonly [images: number, height: number, width: number]
}
interface Case extends Drawn {
  readonly bounds: readonly [number, number]
}
interface Loco extends Drawn {
  readonly kinds: readonly string[]
  readonly defects: readonly {
    readonly image: number
    readonly threshold: number
    readonly isRelative: boolean
  }[]
}

const [folder = ''] = process.argv.slice(2)
const drawn = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as {
  readonly limits: readonly number[]
  readonly thresholds: number
  readonly cases: readonly Case[]
  readonly locos: readonly Loco[]
}
const { buffer } = await readFile(join(folder, 'cases.bin'))
let offset = 0

function takeFloats(length: number): Float32Array {
  offset += 4 * length
  return new Float32Array(buffer, offset - 4 * length, length)
}

/** Planes of bytes are padded to whole floats. */
function takeBytes(length: number): Uint8Array {
  const start = offset
  offset += 4 * Math.ceil(length / 4)
  return new Uint8Array(buffer, start, length)
}

function takePlanes<T extends Float32Array | Uint8Array>(
  all: T,
  [images, height, width]: Drawn['shape'],
): T[] {
  const size = height * width
  return Array.from({ length: images }, (_, i) => all.subarray(i * size, (i + 1) * size) as T)
}

const highest = (map: Float32Array): number => map.reduce((a, b) => Math.max(a, b), -Infinity)

function evaluateRanking(level: string, ranking: Ranking): Record<string, number | null> {
  const hasBoth = ranking.positives > 0 && ranking.negatives > 0
  return {
    [`${level} AUROC`]: auroc(ranking),
    [`${level} AUROC to 0.05, McClish`]: partialAuroc(ranking, 0.05, 'mcclish'),
    [`${level} AUROC to 0.3, McClish`]: partialAuroc(ranking, 0.3, 'mcclish'),
    // As evaluateImages and evaluatePixels: with one class alone, any ranking would look right.
    [`${level} AP`]: hasBoth ? averagePrecision(ranking) : null,
    [`${level} F1-max`]: hasBoth ? (f1Max(ranking)?.value ?? null) : null,
  }
}

function evaluateCase({ shape, bounds }: Case): Record<string, number | null | readonly number[]> {
  const [images, height, width] = shape
  const maps = takePlanes(takeFloats(images * height * width), shape)
  const masks = takePlanes(takeBytes(images * height * width), shape)
  const pixels = createPixelAccumulator()
  const isDefect = masks.map((mask) => mask.includes(1))
  const aupimo = createAupimo({
    goodImages: isDefect.filter((defect) => !defect).length,
    bounds,
    thresholds: drawn.thresholds,
  })
  maps.forEach((map, i) => {
    pixels.add(map, masks[i]!, width, height)
    aupimo.add(map, masks[i]!)
  })
  const ranking = pixels.rank()
  const perImage = aupimo.evaluate()
  return {
    ...Object.fromEntries(aupro(ranking, drawn.limits).map((v, k) => [`AU-PRO ${drawn.limits[k]}`, v])),
    ...evaluateRanking('pixel', ranking),
    ...evaluateRanking('image', rankScores(maps.map(highest), isDefect)),
    AUPIMO: 'why' in perImage ? null : perImage.images,
  }
}

function evaluateLoco({ shape, kinds, defects }: Loco): Record<string, number | null> {
  const [images, height, width] = shape
  const maps = takePlanes(takeFloats(images * height * width), shape)
  const areas = defects.map(({ image, threshold, isRelative }) => {
    const pixels = takeBytes(height * width)
    const areaPx = pixels.reduce((sum, value) => sum + value, 0)
    return { image, pixels, saturation: saturatedArea({ threshold, isRelative }, areaPx) }
  })
  const tallies = new Map<string, Tally>()
  maps.forEach((map, i) => {
    const own = areas.filter(({ image }) => image === i)
    const truth = new Uint8Array(map.length)
    for (const { pixels } of own) pixels.forEach((value, p) => (truth[p] = Math.max(truth[p]!, value)))
    const kind = kinds[i]!
    const tally = tallies.get(kind) ?? createTally()
    tallies.set(kind, tally)
    tally.add({
      name: String(i),
      score: highest(map),
      isDefect: kind !== 'good',
      map,
      mask: new Uint8Array(map.length),
      truth,
      defects: own,
      width,
      height,
    })
  })
  const good = tallies.get('good')?.finish() ?? null
  tallies.delete('good')
  const { kinds: each, ...mean } = evaluateSaturated(
    new Map(Array.from(tallies, ([kind, tally]) => [kind, tally.finish()])),
    good,
  )
  const limits = {
    '0.01': 'auspro01',
    '0.05': 'auspro05',
    '0.1': 'auspro10',
    '0.3': 'auspro30',
    '1': 'auspro100',
  } as const
  return Object.fromEntries(
    Object.entries(limits).flatMap(([limit, name]) => [
      [`mean ${limit}`, mean[name]],
      ...Object.entries(each).map(([kind, values]) => [`${kind.slice(0, -10)} ${limit}`, values[name]]),
    ]),
  )
}

const cases = drawn.cases.map(evaluateCase)
const locos = drawn.locos.map(evaluateLoco)
process.stdout.write(JSON.stringify({ cases, locos }))
