/** What `assay evaluate --json` prints: eight metrics per product and their mean, and more under `more`. */
import { z } from 'zod'

export const metricNames = [
  'imageAuroc',
  'imageAp',
  'imageF1Max',
  'pixelAuroc',
  'pixelAp',
  'pixelF1Max',
  'aupro30',
  'aupro05',
] as const
export type MetricName = (typeof metricNames)[number]

const value = z.number().min(0).max(1).nullable()

/** Metrics beside the eight, under `more`. */
export const moreMetricNames = ['segF1', 'iou', 'classF1', 'auroc05', 'auroc05Mcclish', 'aupimo'] as const
export type MoreMetricName = (typeof moreMetricNames)[number]

const why = z
  .record(z.string(), z.string())
  .optional()
  .describe('for each metric that is null, why the data cannot give it')

const eight = {
  imageAuroc: value,
  imageAp: value,
  imageF1Max: value,
  pixelAuroc: value,
  pixelAp: value,
  pixelF1Max: value,
  aupro30: value,
  aupro05: value,
  why,
}

const segmentation = {
  segF1: value.describe("pixel F1 of the model's masks, over all pixels of the product"),
  iou: value.describe("intersection over union of the model's masks, over all pixels of the product"),
  classF1: value.describe("image F1, an image being flagged when the model's mask has any pixel"),
}

const conditionSchema = z.strictObject({ images: z.int().min(0), ...eight, ...segmentation })
export type ConditionMetrics = z.infer<typeof conditionSchema>

const interval = z.strictObject({ low: z.number(), high: z.number() }).nullable()

const intervalsSchema = z
  .strictObject({
    confidence: z.number(),
    draws: z.int(),
    seed: z.number(),
    imageAuroc: interval,
    imageAp: interval,
    pixelAuroc: interval,
    aupro30: interval,
    aupro05: interval,
  })
  .describe('bootstrap intervals over the test images')
export type Intervals = z.infer<typeof intervalsSchema>

/** The metrics of saturated regions, for each kind of defect and on average. */
export const saturatedMetricNames = [
  'imageAuroc',
  'auspro01',
  'auspro05',
  'auspro10',
  'auspro30',
  'auspro100',
] as const
export type SaturatedMetricName = (typeof saturatedMetricNames)[number]

const saturatedValues = {
  imageAuroc: value,
  auspro01: value,
  auspro05: value,
  auspro10: value,
  auspro30: value,
  auspro100: value,
}

const saturatedSchema = z
  .strictObject({
    ...saturatedValues,
    kinds: z
      .record(z.string(), z.strictObject({ images: z.int().min(0), ...saturatedValues, why }))
      .describe('each kind of defect image with all good ones; the mean over kinds stands beside'),
  })
  .describe('AU-sPRO up to 0.01, 0.05, 0.1, 0.3 and 1, where the dataset says when a defect counts as found')
export type SaturatedMetrics = z.infer<typeof saturatedSchema>

const moreSchema = z.strictObject({
  ...segmentation,
  auroc05: value.describe('pixel AUROC up to a false positive rate of 0.05, divided by 0.05'),
  auroc05Mcclish: value.describe('the same area by McClish, as max_fpr of scikit-learn: 0.5 is chance'),
  aupimo: value.describe('recall per defect image at false positive rates of 1e-5 to 1e-4 on good images'),
  why,
  conditions: z
    .record(z.string(), conditionSchema)
    .optional()
    .describe('by lighting condition, where the dataset names them'),
  intervals: intervalsSchema.optional(),
  saturated: saturatedSchema.optional(),
})
export type MoreMetrics = z.infer<typeof moreSchema>

const metricsSchema = z.strictObject({ ...eight, more: moreSchema.optional() })
export type Metrics = z.infer<typeof metricsSchema>

export const evaluationSchema = z.strictObject({
  mean: metricsSchema,
  products: z.record(z.string(), metricsSchema),
})
export type Evaluation = z.infer<typeof evaluationSchema>
