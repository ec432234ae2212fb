/**
 * Step 7: how good maps and masks of the public split are.
 *
 * Our own numbers by the official definitions, at the size of the pictures (maps stretched bilinearly, masks by
 * nearest neighbours); and what the reference prints, which it takes from the masks alone at `input_size`, with its
 * deviating AU-PRO, under `robis`. Pixels of our own are counted in bins, so memory does not grow with the
 * split; `bound` is how far its areas can be off at most.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import { readMask } from '../../dataset/index.ts'
import {
  decodeFloatTiff,
  decodeImage,
  interpolateBilinear,
  readImageHeader,
  resizeNearest,
  resizePlane,
  smoothInpMap,
  toGrey8,
} from '../../image/index.ts'
import {
  aupro,
  auroc,
  averagePrecision,
  boundAreas,
  countSegmentation,
  createHistogramCounter,
  createHistogramRanker,
  createPixelAccumulator,
  evaluateSegmentation,
  f1Max,
  normaliseForRobis,
  rankScores,
  robisAupro,
  robisF1Max,
  type ImageHistogram,
  type SegmentationCounts,
} from '../../metric/index.ts'
import { toImageError } from '../decode.ts'
import type { ObjectResult, StepEvent, StepOptions, StepResult } from './event.ts'
import { isPicture, listObjects, listSplit, outputPath, truthPath, type SplitFile } from './layout.ts'
import { exists } from './record.ts'

type Numbers<Name extends string> = Readonly<Record<Name, number | null>>

export interface StepMetrics {
  readonly images: number
  /** From the maps. */
  readonly aupro05: number | null
  readonly aupro30: number | null
  readonly pixelAuroc: number | null
  readonly pixelAp: number | null
  readonly pixelF1Max: number | null
  /** How far AU-PRO up to 0.05 can be off at most. */
  readonly bound: number | null
  /** From the masks. */
  readonly segF1: number | null
  readonly iou: number | null
  readonly classF1: number | null
  /** As the reference prints them, from the masks. */
  readonly robis: Numbers<
    'imageAuroc' | 'imageAp' | 'imageF1Max' | 'pixelAuroc' | 'pixelAp' | 'pixelF1Max' | 'aupro'
  >
}

export interface EvaluateStepResult extends StepResult {
  readonly metrics: Readonly<Record<string, StepMetrics>>
}

export async function* evaluateMasks(options: StepOptions): AsyncGenerator<StepEvent, EvaluateStepResult> {
  const { settings } = options
  const { test_type: split } = settings
  if (split !== 'test_public')
    throw new AssayError('OPTION_INVALID', {
      option: 'test_type',
      value: split,
      reason: 'only test_public has masks to compare with; the benchmark server knows the others',
    })
  const metrics: Record<string, StepMetrics> = {}
  const objects: ObjectResult[] = []
  for (const object of await listObjects(settings.bin_savedir, settings.mvtecad2_class_list, 'binarise')) {
    const { metrics: own, failed } = yield* evaluateObject(object, options)
    metrics[object] = own
    objects.push({ object, made: own.images, kept: 0, failed })
  }
  return { step: 'evaluate', objects, sees: 'nothing', leftOut: null, metrics }
}

async function* evaluateObject(
  object: string,
  { settings, signal }: StepOptions,
): AsyncGenerator<StepEvent, { readonly metrics: StepMetrics; readonly failed: number }> {
  const pictures = await listSplit(settings.original_data_path, object, 'test_public', isPicture)
  const counter = createHistogramCounter()
  const histograms: ImageHistogram[] = []
  const segmentation: SegmentationCounts[] = []
  const published = createPublished(settings.input_size)
  let failed = 0
  for (const [i, picture] of pictures.entries()) {
    signal?.throwIfAborted()
    yield { type: 'stage', object, what: 'evaluating', done: i, total: pictures.length }
    try {
      const { width, height, truth, map, mask, isDefect, small } = await readPicture(
        object,
        picture,
        settings,
      )
      if (truth !== null) histograms.push(counter.count(map, isDefect ? truth : null, width, height))
      segmentation.push(countSegmentation(mask, truth, isDefect))
      if (truth !== null) published.add(small, { width, height, pixels: truth }, isDefect, picture.path)
    } catch (error) {
      failed++
      yield toImageError(picture.path, error)
    }
  }
  yield { type: 'stage', object, what: 'evaluating', done: pictures.length, total: pictures.length }
  const ranking = createHistogramRanker(histograms)(histograms.map(() => 1))
  const hasBoth = ranking.positives > 0 && ranking.negatives > 0
  const [aupro05 = null, aupro30 = null] = aupro(ranking, [0.05, 0.3])
  return {
    failed,
    metrics: {
      images: segmentation.length,
      aupro05,
      aupro30,
      pixelAuroc: hasBoth ? auroc(ranking) : null,
      pixelAp: hasBoth ? averagePrecision(ranking) : null,
      pixelF1Max: f1Max(ranking)?.value ?? null,
      bound: hasBoth ? boundAreas(ranking, 0.05).aupro : null,
      ...evaluateSegmentation(segmentation),
      robis: published.evaluate(),
    },
  }
}

interface Plane {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** One picture with all that is compared, `[height, width]` of the picture; `small` is the mask as it lies there. */
async function readPicture(object: string, picture: SplitFile, settings: StepOptions['settings']) {
  const { original_data_path: originals, amap_savedir, bin_savedir } = settings
  const { width, height } = await readImageHeader(picture.path)
  const mapPath = await required(amap_savedir, outputPath(object, 'test_public', picture, '.tiff'), 'merge')
  const maskPath = await required(bin_savedir, outputPath(object, 'test_public', picture, '.png'), 'binarise')
  const map = decodeFloatTiff(await readFile(mapPath), { name: mapPath })
  const small = toGrey8(await decodeImage(maskPath))
  const isDefect = picture.label !== null && picture.label !== 'good'
  const truthFile = truthPath(originals, object, picture)
  const truth = !isDefect
    ? new Uint8Array(width * height)
    : (await exists(truthFile))
      ? await readMask(truthFile, { name: picture.path, width, height })
      : null
  return {
    width,
    height,
    isDefect,
    truth,
    small,
    map: interpolateBilinear(map.plane, map.height, map.width, height, width, { alignCorners: false }),
    mask: resizeNearest(small.pixels, small.width, small.height, 1, width, height, 'pil'),
  }
}

async function required(root: string, path: string, step: 'merge' | 'binarise'): Promise<string> {
  const whole = join(root, path)
  if (!(await exists(whole))) throw new AssayError('STEP_INPUT_MISSING', { path: whole, step })
  return whole
}

/** The share of the strangest pixels whose mean is the reference's image score. */
const topShare = 0.1

/** What the reference computes of the masks: smoothed, brought to `side` both ways, and taken for maps. */
function createPublished(side: number) {
  const maps: { readonly map: Float32Array; readonly truth: Uint8Array | null; readonly name: string }[] = []
  const scores: number[] = []
  const isDefect: boolean[] = []
  let lowest = Infinity
  let highest = -Infinity
  return {
    add(mask: Plane, truth: Plane, isBad: boolean, name: string): void {
      const binary = Float32Array.from(mask.pixels, (value) => (value > 0 ? 1 : 0))
      const map = smoothInpMap(resizePlane(binary, mask.width, mask.height, side, side), side, side)
      for (const value of map) {
        lowest = Math.min(lowest, value)
        highest = Math.max(highest, value)
      }
      const scaled = isBad
        ? resizeNearest(truth.pixels, truth.width, truth.height, 1, side, side, 'pil')
        : null
      maps.push({ map, truth: scaled, name })
      const top = map
        .slice()
        .sort()
        .subarray(-Math.trunc(map.length * topShare))
      scores.push(top.reduce((sum, value) => sum + value, 0) / top.length)
      isDefect.push(isBad)
    },
    evaluate(): StepMetrics['robis'] {
      const pixels = createPixelAccumulator()
      for (const { map, truth, name } of maps)
        pixels.add(normaliseForRobis(map, lowest, highest), truth, side, side, name)
      const perPixel = pixels.rank()
      const perImage = rankScores(scores, isDefect)
      const judge = (ranking: typeof perImage) => {
        const hasBoth = ranking.positives > 0 && ranking.negatives > 0
        return hasBoth
          ? { auroc: auroc(ranking), ap: averagePrecision(ranking), f1: robisF1Max(ranking) }
          : { auroc: null, ap: null, f1: null }
      }
      const image = judge(perImage)
      const pixel = judge(perPixel)
      return {
        imageAuroc: image.auroc,
        imageAp: image.ap,
        imageF1Max: image.f1,
        pixelAuroc: pixel.auroc,
        pixelAp: pixel.ap,
        pixelF1Max: pixel.f1,
        aupro: robisAupro(perPixel),
      }
    },
  }
}
