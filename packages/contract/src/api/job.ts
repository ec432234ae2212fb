/** Long work: it is queued, runs somewhere, says how far it is, and ends once. */
import { z } from 'zod'
import { defaultRecipe, methodNameSchema, profileSchema } from '../recipe/index.ts'
import { idSchema, pageQuerySchema, problemSchema, timeSchema } from './common.ts'

export const jobKinds = ['train', 'evaluate', 'inspect', 'calibrate'] as const
export const jobStatuses = ['queued', 'running', 'done', 'failed', 'cancelled'] as const

const rate = z.number().min(0.00001).max(0.5)

/** What a calibration may set; what is left out stays. */
const aimsSchema = z.strictObject({
  falseAlarms: rate.optional().describe('share of good pictures that may be called defect'),
  falseMasks: rate.optional(),
  unsure: rate.nullable().optional(),
  confidence: z.number().min(0).max(0.999).optional(),
})

export const jobRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('train'),
    product: idSchema,
    method: z.enum([...methodNameSchema.options, 'auto']).default(defaultRecipe.method),
    profile: profileSchema.default('balanced'),
    seed: z.int().min(0).max(0xffffffff).default(0),
    window: z
      .int()
      .min(64)
      .max(8192)
      .optional()
      .describe('side of the windows a picture is cut into, in pixels'),
    minutes: z
      .number()
      .positive()
      .max(10_080)
      .optional()
      .describe('it is cancelled when this budget is spent'),
    aims: aimsSchema.default({}),
    activate: z.boolean().default(true).describe('the new model judges from then on'),
  }),
  z.strictObject({ kind: z.literal('evaluate'), model: idSchema }),
  z.strictObject({
    kind: z.literal('inspect'),
    product: idSchema,
    images: z.array(idSchema).min(1).max(10_000),
  }),
  z.strictObject({
    kind: z.literal('calibrate'),
    model: idSchema,
    aims: aimsSchema.default({}),
    activate: z.boolean().default(true),
  }),
])
export type JobRequest = z.infer<typeof jobRequestSchema>

export const jobSchema = z.strictObject({
  id: idSchema,
  product: idSchema,
  request: jobRequestSchema,
  status: z.enum(jobStatuses),
  stage: z.string().nullable().describe('what it does now'),
  progress: z.number().min(0).max(1).describe('share that is done, as far as it can be told'),
  secondsLeft: z.number().min(0).nullable(),
  loss: z.number().nullable().describe('of the last training step'),
  attempt: z.int().min(0).describe('how often it was begun'),
  model: idSchema.nullable().describe('that it made or judged'),
  error: problemSchema.nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
})
export type ApiJob = z.infer<typeof jobSchema>

export const jobQuerySchema = pageQuerySchema.extend({
  product: idSchema.optional(),
  status: z.enum(jobStatuses).optional(),
})

/** A line of a job's log. Server-sent events carry them as `log`, and the job itself as `job`. */
export const jobLineSchema = z.strictObject({
  number: z.int().describe('counts from 1; the id of the server-sent event, from which a reader goes on'),
  at: timeSchema,
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
})
export type JobLine = z.infer<typeof jobLineSchema>
