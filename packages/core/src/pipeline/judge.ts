/**
 * Judges a whole picture with an open model: its inputs one after the other, their maps joined in its pixels.
 *
 * The same function judges good pictures when the thresholds are set and any picture later, so that a threshold
 * means what it says.
 */
import { AssayError, type Recipe } from '@assay/contract'
import {
  planWindows,
  prepareInput,
  prepareInputs,
  type InputGeometry,
  type PreparedInput,
} from '../feature/index.ts'
import { interpolateBilinear, type Image, type Picture } from '../image/index.ts'
import type { Feeds, Session } from '../runtime/index.ts'
import { createStitcher } from '../tiling/index.ts'

export interface Judgement {
  /** Of the strangest input. */
  readonly score: number
  /** Raw scores `[height, width]` in pixels of the picture's `whole`. */
  readonly map: Float32Array
  /** Number of the product that the model recognised; null when it was not asked. */
  readonly product: number | null
}

export interface JudgeInput {
  readonly session: Session
  readonly picture: Picture
  /** What errors call the picture. */
  readonly name: string
  readonly geometry: InputGeometry
  readonly input: Recipe['input']
  /** Fed to the session with every input. */
  readonly extra?: Feeds
  readonly signal?: AbortSignal | undefined
}

/** Throws SCORE_NOT_FINITE for a model that gives no number. */
export async function judgePicture(given: JudgeInput): Promise<Judgement> {
  const { picture, geometry, input, signal } = given
  const { whole } = picture
  if (geometry.window === null) {
    const prepared = prepareInput(whole, geometry, input)
    const { score, map, product } = await judgeInput(given, prepared)
    return { score, map: toPicture(map, prepared, whole), product }
  }
  const plan = planWindows(picture, geometry.window, input)
  const blend = input.edge === 'pad' ? 'mean' : 'cosine'
  const stitcher = createStitcher(plan, { blend, scale: 1 / picture.reduction })
  let score = -Infinity
  let index = 0
  for await (const prepared of prepareInputs(picture, geometry, input)) {
    signal?.throwIfAborted()
    const found = await judgeInput(given, prepared)
    score = Math.max(score, found.score)
    const { width, height } = stitcher.placeOf(index)
    const map = interpolateBilinear(found.map, prepared.height, prepared.width, height, width, {
      alignCorners: false,
    })
    stitcher.add(index++, map)
  }
  const { width, height } = stitcher
  // The size of a reduced picture is rounded up, that of a scaled map to the nearest.
  const map = interpolateBilinear(stitcher.finish(), height, width, whole.height, whole.width, {
    alignCorners: false,
  })
  return { score, map, product: null }
}

async function judgeInput(
  { session, name, extra = {} }: JudgeInput,
  { pixels, height, width }: PreparedInput,
): Promise<Judgement> {
  const outputs = await session.run({
    image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels },
    ...extra,
  })
  const score = Number(outputs['score']?.data[0])
  const map = outputs['map']?.data as Float32Array
  // Nothing compares with NaN, so it would pass for good.
  const odd = Number.isFinite(score) ? map.find((v) => !Number.isFinite(v)) : score
  if (odd !== undefined) throw new AssayError('SCORE_NOT_FINITE', { what: name, value: String(odd) })
  const product = outputs['product']?.data[0]
  return { score, map, product: product === undefined ? null : Number(product) }
}

/** The map of the model input, in the pixels of the picture; what a crop left out gets the map's lowest score. */
function toPicture(map: Float32Array, input: PreparedInput, image: Image): Float32Array {
  const { box, height, width } = input
  const isWhole = box.x === 0 && box.y === 0 && box.width === image.width && box.height === image.height
  const boxWidth = Math.max(1, Math.round(box.width))
  const boxHeight = Math.max(1, Math.round(box.height))
  const part = interpolateBilinear(map, height, width, boxHeight, boxWidth, { alignCorners: false })
  if (isWhole) return part
  let lowest = Infinity
  for (const v of part) if (v < lowest) lowest = v
  const whole = new Float32Array(image.width * image.height).fill(lowest)
  const left = Math.round(box.x)
  const top = Math.round(box.y)
  for (let y = Math.max(0, -top); y < Math.min(boxHeight, image.height - top); y++) {
    const from = Math.max(0, -left)
    const to = Math.min(boxWidth, image.width - left)
    whole.set(part.subarray(y * boxWidth + from, y * boxWidth + to), (y + top) * image.width + left + from)
  }
  return whole
}
