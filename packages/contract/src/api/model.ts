/** Models: versions of what a product was trained to, and how good each is on the test pictures. */
import { z } from 'zod'
import { cardSchema } from '../card.ts'
import { evaluationSchema } from '../evaluation.ts'
import { idSchema, sha256Schema, timeSchema } from './common.ts'

export const modelSchema = z.strictObject({
  id: idSchema,
  product: idSchema,
  version: z.int().min(1).describe('counts per product'),
  origin: z.enum(['train', 'calibrate', 'import']),
  parent: idSchema.nullable().describe('the model that was calibrated anew'),
  sha256: sha256Schema,
  bytes: z.int(),
  method: z.string(),
  backbone: z.string(),
  threshold: z.number().describe('of the image score'),
  pixelThreshold: z.number(),
  falseAlarms: z.number().describe('share of good pictures that the threshold aims at'),
  trainingImages: z.int(),
  heldOutImages: z.int(),
  isActive: z.boolean(),
  isShadow: z.boolean(),
  evaluation: idSchema.nullable().describe('its last one'),
  createdAt: timeSchema,
})
export type ApiModel = z.infer<typeof modelSchema>

export const modelDetailSchema = modelSchema.extend({ card: cardSchema })

/** One test picture as a model sees it: what the screens of decision and comparison draw. */
export const testedImageSchema = z.strictObject({
  image: idSchema,
  label: z.enum(['good', 'defect']),
  defect: z.string().nullable(),
  score: z.number(),
  zones: z.record(z.string(), z.number()).describe('score per zone; empty without zones'),
})

const curveSchema = z.array(z.tuple([z.number(), z.number()])).describe('points [x, y]')

export const apiEvaluationSchema = z.strictObject({
  id: idSchema,
  model: idSchema,
  createdAt: timeSchema,
  threshold: z.number(),
  metrics: evaluationSchema,
  images: z.array(testedImageSchema),
  curves: z.strictObject({
    roc: curveSchema.describe('false positive rate, true positive rate'),
    pr: curveSchema.describe('recall, precision'),
    pro: curveSchema
      .nullable()
      .describe('false positive rate of pixels, per-region overlap; null without masks'),
  }),
})
export type ApiEvaluation = z.infer<typeof apiEvaluationSchema>

/** Sets the threshold of a model by hand; makes a new version of it, whose card says so. */
export const thresholdSchema = z.strictObject({
  threshold: z.number().describe('on the scale of the image score'),
  activate: z.boolean().default(true),
})
