/** What `assay evaluate --json` prints: eight metrics per product and their mean. */
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

const metricsSchema = z.strictObject({
  imageAuroc: value,
  imageAp: value,
  imageF1Max: value,
  pixelAuroc: value,
  pixelAp: value,
  pixelF1Max: value,
  aupro30: value,
  aupro05: value,
  why: z
    .record(z.string(), z.string())
    .optional()
    .describe('for each metric that is null, why the data cannot give it'),
})
export type Metrics = z.infer<typeof metricsSchema>

export const evaluationSchema = z.strictObject({
  mean: metricsSchema,
  products: z.record(z.string(), metricsSchema),
})
export type Evaluation = z.infer<typeof evaluationSchema>
