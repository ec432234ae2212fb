/** Inspections: what a model said about a picture, and what a human decided later. */
import { z } from 'zod'
import { inspectionSchema } from '../inspection.ts'
import { idSchema, pageQuerySchema, sha256Schema, timeSchema } from './common.ts'

/** A human's word about an inspection. The model's stays as it was. */
export const decisionSchema = z.strictObject({
  verdict: z.enum(['good', 'defect']),
  by: z.string().describe('name of the token'),
  at: timeSchema,
  image: idSchema.nullable().describe('picture that entered the training material with it'),
})

export const apiInspectionSchema = z.strictObject({
  id: idSchema,
  product: idSchema,
  model: idSchema,
  name: z.string(),
  sha256: sha256Schema.describe('of the picture'),
  record: inspectionSchema,
  milliseconds: z.number().describe('from the picture to the record'),
  shadow: z
    .strictObject({ model: idSchema, score: z.number(), verdict: z.string(), disagrees: z.boolean() })
    .nullable()
    .describe('what the shadow model said'),
  decision: decisionSchema.nullable(),
  createdAt: timeSchema,
})
export type ApiInspection = z.infer<typeof apiInspectionSchema>

export const inspectionQuerySchema = pageQuerySchema.extend({
  product: idSchema.optional(),
  model: idSchema.optional(),
  verdict: z.enum(['good', 'defect', 'unsure']).optional(),
  decided: z.stringbool().optional(),
  disagrees: z.stringbool().optional().describe('the shadow model says otherwise'),
  name: z.string().max(200).optional().describe('part of the name'),
  from: timeSchema.optional(),
  to: timeSchema.optional(),
  minScore: z.coerce.number().optional().describe('calibrated, 0 to 1'),
  maxScore: z.coerce.number().optional(),
})

export const decisionRequestSchema = z.strictObject({
  verdict: z.enum(['good', 'defect']),
  learn: z.boolean().default(true).describe('the picture enters the training material of the next model'),
})

/** Scores over time against those that set the threshold. */
export const driftSchema = z.strictObject({
  model: idSchema.nullable(),
  points: z.array(
    z.strictObject({
      from: timeSchema,
      images: z.int(),
      median: z.number().describe('calibrated score'),
      q10: z.number(),
      q90: z.number(),
      defects: z.int(),
    }),
  ),
  shift: z
    .number()
    .nullable()
    .describe(
      'how far the median of the last scores lies from the first ones, in their robust standard deviations',
    ),
  pValue: z.number().nullable().describe('of the Mann-Whitney test, the last scores against the first'),
  advice: z.string().nullable().describe('a proposal, if there is reason for one'),
})
export type Drift = z.infer<typeof driftSchema>
