/**
 * Collects what the metrics of a group of images need, such as the images under one lighting condition.
 *
 * Groups are evaluated alone or together, so a breakdown by condition keeps no pixel twice and the figures
 * of the whole are those of all its images, not a mean over conditions.
 */
import type { ConditionMetrics, Metrics } from '@assay/contract'
import { evaluateImages, evaluatePixels, joinMetrics } from './evaluate.ts'
import { partialAuroc } from './partial-auroc.ts'
import { rankTogether, type SortedPixels } from './pixel-ranking.ts'
import { createPixelAccumulator } from './pixel.ts'
import { createDefectAccumulator, type SaturatedDefect, type SortedDefects } from './saturated.ts'
import {
  countSegmentation,
  evaluateSegmentation,
  type SegmentationCounts,
  type SegmentationMetrics,
} from './segmentation.ts'

/** One inspected image and its truth; planes are `[height, width]`. */
export interface TalliedImage {
  /** For messages. */
  readonly name: string
  readonly score: number
  readonly isDefect: boolean
  readonly map: Float32Array
  /** What was found, non-zero where defect. */
  readonly mask: Uint8Array
  /** What is there, non-zero where defect; null for a defect without a mask. */
  readonly truth: Uint8Array | null
  /** What is there defect by defect, for AU-sPRO; together they are `truth`. */
  readonly defects?: readonly SaturatedDefect[]
  readonly width: number
  readonly height: number
}

export interface Tally {
  /** Takes in one image; a map that is not finite is refused by name, and the image then counts nowhere. */
  add(image: TalliedImage): void
  /** Of all images so far; no image can be added afterwards. */
  finish(): FinishedTally
}

export interface FinishedTally {
  readonly scores: readonly number[]
  readonly isDefect: readonly boolean[]
  readonly names: readonly string[]
  /** Defect images with a mask. */
  readonly masks: number
  readonly segmentation: readonly SegmentationCounts[]
  readonly pixels: SortedPixels
  readonly defects: SortedDefects
}

/** The metrics of some images together. */
export interface TallyMetrics {
  readonly eight: Metrics
  readonly segmentation: SegmentationMetrics
  readonly auroc05: number | null
  readonly auroc05Mcclish: number | null
}

export function createTally(): Tally {
  const scores: number[] = []
  const isDefect: boolean[] = []
  const names: string[] = []
  const segmentation: SegmentationCounts[] = []
  const pixels = createPixelAccumulator()
  const defects = createDefectAccumulator()
  let masks = 0
  return {
    add(image) {
      const { truth, width, height, name } = image
      if (truth !== null) pixels.add(image.map, image.isDefect ? truth : null, width, height, name)
      if (image.defects !== undefined) defects.add(image.map, image.defects)
      if (image.isDefect && truth !== null) masks++
      segmentation.push(countSegmentation(image.mask, truth, image.isDefect))
      scores.push(image.score)
      isDefect.push(image.isDefect)
      names.push(name)
    },
    finish: () => ({
      scores,
      isDefect,
      names,
      masks,
      segmentation,
      pixels: pixels.sort(),
      defects: defects.sort(),
    }),
  }
}

/** Evaluates all images of the tallies as one group. */
export function evaluateTallies(tallies: readonly FinishedTally[]): TallyMetrics {
  const hasMasks = tallies.some((tally) => tally.masks > 0)
  const ranking = hasMasks ? rankTogether(tallies.map((tally) => tally.pixels)) : null
  return {
    eight: joinMetrics(
      evaluateImages(
        tallies.flatMap((tally) => tally.scores),
        tallies.flatMap((tally) => tally.isDefect),
        tallies.flatMap((tally) => tally.names),
      ),
      evaluatePixels(ranking),
    ),
    segmentation: {
      ...evaluateSegmentation(tallies.flatMap((tally) => tally.segmentation)),
      // Without any true mask every found pixel would look like a false alarm.
      ...(hasMasks ? {} : { segF1: null, iou: null }),
    },
    auroc05: ranking === null ? null : partialAuroc(ranking, 0.05, 'limit'),
    auroc05Mcclish: ranking === null ? null : partialAuroc(ranking, 0.05, 'mcclish'),
  }
}

/** The breakdown by condition: each tally on its own, under its name and in the order of the map. */
export function evaluateConditions(
  tallies: ReadonlyMap<string, FinishedTally>,
): Record<string, ConditionMetrics> {
  return Object.fromEntries(
    Array.from(tallies, ([condition, tally]) => {
      const { eight, segmentation } = evaluateTallies([tally])
      return [condition, { images: tally.scores.length, ...eight, ...segmentation }]
    }),
  )
}
