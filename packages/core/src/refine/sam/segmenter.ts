/**
 * Segment Anything ready to use: a picture is encoded once, then any number of boxes and points give masks.
 *
 * Masks come one by one, so that the memory does not grow with their number.
 */
import { writeOnnx, type Tensor } from '@assay/graph'
import { dirname } from 'node:path'

import type { Uint8Image } from '../../image/index.ts'
import { openSession, type Device, type Session } from '../../runtime/index.ts'
import { openPublishedWeights, type CacheOptions } from '../../weights/cache/index.ts'
import { buildMaskDecoder } from './decoder.ts'
import { writeEncoderFile, type EncoderPlace } from './encoder-file.ts'
import { placeImage, prepareImage } from './input.ts'
import { toMask } from './mask.ts'
import { lowResolution, samPlans, samTensors, type SamPlan } from './plan.ts'
import { placePrompt, type Prompt } from './prompt.ts'
import { checkSamTensors, deferWeights, readWeights, type SamCheckpoint } from './weights.ts'

export interface SegmentOptions {
  /**
   * Three masks per prompt, of a part, a larger part and the whole, instead of one. Default false, which suits a
   * box; a single point is often ambiguous.
   */
  readonly multimask?: boolean
}

/** One answer to a prompt. */
export interface SegmentedMask {
  /** Index of the prompt. */
  readonly prompt: number
  /** The IoU with the truth that the model expects, about 0 to 1. */
  readonly predictedIou: number
  /** `[height, width]` of the picture, 255 inside and 0 outside. */
  readonly mask: Uint8Array
}

/** A picture whose embedding is in memory. */
export interface EncodedImage {
  readonly width: number
  readonly height: number
  /** The masks of each prompt in turn. */
  segment(
    prompts: readonly Prompt[],
    options?: SegmentOptions,
  ): AsyncGenerator<SegmentedMask, void, undefined>
}

/** Close it with `await using`. */
export interface Segmenter extends AsyncDisposable {
  /**
   * Encodes a picture of three channels, which takes seconds to minutes on a CPU. The first channel is seen as
   * red: for RoBiS as published, which hands over OpenCV's order, give `swapRedBlue` of the pixels.
   */
  encode(image: Uint8Image): Promise<EncodedImage>
}

/** Opens published weights of the cache: `sam-vit-b`, `sam-vit-l` or `sam-vit-h`. None there is WEIGHTS_MISSING. */
export async function openSegmenter(
  id: string,
  device: Device,
  options: CacheOptions = {},
): Promise<Segmenter> {
  const plan = samPlans.find((plan) => plan.id === id)
  if (plan === undefined) throw new Error(`internal: "${id}" is no size of Segment Anything`)
  const { checkpoint, record } = await openPublishedWeights(id, options)
  await using opened = checkpoint
  return await openSegmenterOf(plan, opened, { folder: dirname(record.path), sha256: record.sha256 }, device)
}

/** Opens a model whose weights are in a checkpoint, which may be closed afterwards. */
export async function openSegmenterOf(
  plan: SamPlan,
  checkpoint: SamCheckpoint,
  place: EncoderPlace,
  device: Device,
): Promise<Segmenter> {
  checkSamTensors(checkpoint, plan)
  const path = await writeEncoderFile(plan, deferWeights(checkpoint), place)
  const small = await readWeights(checkpoint, [...samTensors(plan).keys()].filter(isOfDecoder))
  await using stack = new AsyncDisposableStack()
  const encoder = stack.use(
    await openSession({ path, keepMapped: true }, device, `the image encoder of ${plan.id}`),
  )
  const decoder = stack.use(
    await openSession(writeOnnx(buildMaskDecoder(plan, small)), device, `the mask decoder of ${plan.id}`),
  )
  const kept = stack.move()
  return {
    encode: (image) => encode(plan, encoder, decoder, image),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function isOfDecoder(tensor: string): boolean {
  return !tensor.startsWith('image_encoder.')
}

async function encode(
  plan: SamPlan,
  encoder: Session,
  decoder: Session,
  image: Uint8Image,
): Promise<EncodedImage> {
  const { width, height } = image
  const { embedding } = await encoder.run({ image: prepareImage(image, plan) })
  if (embedding === undefined) throw new Error('internal: the image encoder gave no embedding')
  return {
    width,
    height,
    segment: (prompts, options) => segment(plan, decoder, { width, height, embedding }, prompts, options),
  }
}

async function* segment(
  plan: SamPlan,
  decoder: Session,
  {
    width,
    height,
    embedding,
  }: { readonly width: number; readonly height: number; readonly embedding: Tensor },
  prompts: readonly Prompt[],
  { multimask = false }: SegmentOptions = {},
): AsyncGenerator<SegmentedMask, void, undefined> {
  const placement = placeImage(width, height, plan)
  const pixels = lowResolution(plan) ** 2
  for (const [index, prompt] of prompts.entries()) {
    const { masks, iou } = await decoder.run({ embedding, ...placePrompt(prompt, placement) })
    if (!(masks?.data instanceof Float32Array)) throw new Error('internal: the mask decoder gave no masks')
    for (const i of multimask ? [1, 2, 3] : [0]) {
      const logits = masks.data.subarray(i * pixels, (i + 1) * pixels)
      yield { prompt: index, predictedIou: Number(iou?.data[i]), mask: toMask(logits, placement, plan) }
    }
  }
}
