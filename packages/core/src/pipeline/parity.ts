/**
 * How far a model on other providers is from itself on the CPU, with real pictures and the whole way: product,
 * score, map and mask.
 *
 * Every picture is compared as it is and with a square in its middle inverted, because good pictures alone have
 * empty masks. Outlines of Segment Anything are left out: its weights are not in the file.
 */
import type { CardParity } from '@assay/contract'
import { toRgb8, type Image } from '../image/index.ts'
import type { Device } from '../runtime/index.ts'
import {
  openModel,
  type ImageInput,
  type InspectedImage,
  type Inspector,
  type OpenOptions,
} from './inspect.ts'

/** Largest differences that are allowed, in the units of `CardParity`. */
export const parityTolerance = { score: 1e-3, map: 1e-2, mask: 1e-3 } as const

/** Side of the inverted square, as a share of the picture's shorter side. */
const squareShare = 1 / 8

interface Difference extends Pick<CardParity, 'misrouted' | 'score' | 'map' | 'mask'> {
  /** 1 for another verdict, else 0. */
  readonly verdicts: number
}

/** What of an inspection is compared. */
type Judged = Pick<InspectedImage, 'record' | 'map' | 'mask'>

interface Opened {
  readonly device: Device
  readonly inspector: Inspector
  readonly differences: Difference[]
}

export interface Comparison extends AsyncDisposable {
  /** Inspects one picture everywhere. Throws what an inspection throws. */
  add(picture: ImageInput, name: string): Promise<void>
  /** One row per device, in their order. */
  finish(): readonly CardParity[]
  /** How many pictures had another verdict, per device. */
  countVerdicts(): readonly number[]
}

export interface ComparisonOptions extends Pick<OpenOptions, 'maxPixels' | 'heldPixels' | 'signal'> {
  /** What the model is compared with on the CPU, if not with itself. */
  readonly reference?: Uint8Array | undefined
}

/**
 * Opens a model on the CPU with one thread, and once on each device. Throws what opening throws, so
 * MODEL_SAMPLES_DIFFER for a device on which the sample vectors do not repeat.
 */
export async function openComparison(
  model: string | Uint8Array,
  devices: readonly Device[],
  { signal, reference: other, ...options }: ComparisonOptions,
): Promise<Comparison> {
  await using opened = new AsyncDisposableStack()
  const open = async (source: string | Uint8Array, device: Device['name'], threads: number) =>
    opened.use(await openModel(source, { ...options, device, threads, segmenter: 'none' }))
  const reference = await open(other ?? model, 'cpu', 1)
  const others: Opened[] = []
  for (const device of devices)
    others.push({ device, inspector: await open(model, device.name, device.threads), differences: [] })
  const kept = opened.move()

  const compare = async (picture: ImageInput, name: string): Promise<InspectedImage> => {
    const run = signal === undefined ? {} : { signal }
    const expected = await reference.inspect(picture, { ...run, name })
    for (const { device, inspector, differences } of others)
      differences.push(
        measureDifference(
          expected,
          await inspector.inspect(picture, { ...run, name: `${name} on ${device.name}` }),
        ),
      )
    return expected
  }
  return {
    add: async (picture, name) => {
      const { image } = await compare(picture, name)
      await compare(invertSquare(image), `${name} with an inverted square`)
    },
    finish: () =>
      others.map(({ device, differences }) => {
        const largest = (key: keyof Difference): number =>
          roundFigure(Math.max(0, ...differences.map((d) => d[key])))
        return {
          provider: device.name,
          images: differences.length,
          misrouted: differences.reduce((sum, d) => sum + d.misrouted, 0),
          score: largest('score'),
          map: largest('map'),
          mask: largest('mask'),
        }
      }),
    countVerdicts: () => others.map(({ differences }) => differences.reduce((sum, d) => sum + d.verdicts, 0)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** Whether a provider is as near to the CPU as it has to be. */
export function holdsParity({ misrouted, score, map, mask }: CardParity): boolean {
  return (
    misrouted === 0 &&
    score <= parityTolerance.score &&
    map <= parityTolerance.map &&
    mask <= parityTolerance.mask
  )
}

/** Two inspections of one picture. What was taken for another product is not compared further. */
export function measureDifference(expected: Judged, found: Judged): Difference {
  const verdicts = found.record.verdict === expected.record.verdict ? 0 : 1
  if (found.record.product !== expected.record.product)
    return { misrouted: 1, score: 0, map: 0, mask: 0, verdicts }
  const score = Number(expected.record.score)
  const size = Math.max(Math.abs(score), Math.abs(Number(expected.record.threshold)), 1e-6)
  let low = Infinity
  let high = -Infinity
  let farthest = 0
  for (let i = 0; i < expected.map.length; i++) {
    const value = expected.map[i]!
    low = Math.min(low, value)
    high = Math.max(high, value)
    farthest = Math.max(farthest, Math.abs(value - (found.map[i] ?? NaN)))
  }
  const spread = high - low
  const differing = expected.mask.reduce((sum, value, i) => (value === found.mask[i] ? sum : sum + 1), 0)
  return {
    misrouted: 0,
    score: Math.abs(Number(found.record.score) - score) / size,
    // An even map has no spread to compare with.
    map: farthest / (spread > 0 ? spread : size),
    mask: differing / expected.mask.length,
    verdicts,
  }
}

function invertSquare(image: Image): Image {
  const { pixels, width, height } = toRgb8(image)
  const side = Math.max(1, Math.round(Math.min(width, height) * squareShare))
  const left = (width - side) >> 1
  const top = (height - side) >> 1
  const changed = pixels.slice()
  for (let y = top; y < top + side; y++)
    for (let i = 3 * (y * width + left); i < 3 * (y * width + left + side); i++)
      changed[i] = 255 - changed[i]!
  return { width, height, channels: 3, depth: 8, pixels: changed }
}

/** Two digits are what such a figure is good for. */
function roundFigure(value: number): number {
  return Number(value.toPrecision(2))
}
