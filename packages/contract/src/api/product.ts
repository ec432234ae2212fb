/** Products and what is known of their pictures. */
import { z } from 'zod'
import { zonesFileSchema } from '../zone.ts'
import { idSchema, nameSchema, timeSchema } from './common.ts'

export const bucketNames = ['good', 'defect', 'unsorted'] as const
const count = z.int().min(0)

/** Zones as the API takes them: a mask would be a file on the server, so there are none. */
const apiZonesSchema = zonesFileSchema.refine(
  ({ zones }) => zones.every(({ mask }) => mask === undefined),
  'zones of the API are polygons; a mask file goes with the command "assay calibrate --zones"',
)

export const productSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  createdAt: timeSchema,
  images: z.strictObject({ good: count, defect: count, unsorted: count }),
  inspections: count,
  activeModel: idSchema.nullable().describe('judges what is submitted; null before the first training'),
  shadowModel: idSchema.nullable().describe('judges the same pictures unseen, to be compared'),
  zones: apiZonesSchema.nullable().describe('parts of the picture that are inspected; null for all of it'),
})
export type ApiProduct = z.infer<typeof productSchema>

export const productCreateSchema = z.strictObject({ name: nameSchema })
export const productPatchSchema = z.strictObject({
  name: nameSchema.optional(),
  shadowModel: idSchema.nullable().optional(),
  zones: apiZonesSchema.nullable().optional().describe('take effect with the next calibration or training'),
})

/** What the studio makes of the pictures of a product, before a training. */
export const understandingSchema = z.strictObject({
  training: count.describe('good pictures that a training would learn from'),
  heldOut: count.describe('good pictures that would set the thresholds'),
  testGood: count,
  testDefect: z.record(z.string(), count).describe('by kind of defect'),
  masks: count.describe('defects whose place is known'),
  sizes: z.array(z.strictObject({ width: z.int(), height: z.int(), images: count })),
  canTrain: z.boolean(),
  advice: z.array(z.string()).describe('what is missing or strange, in order of weight'),
})
export type Understanding = z.infer<typeof understandingSchema>

export const findingKinds = ['duplicate', 'blurred', 'dark', 'bright', 'outlier', 'size'] as const

/** What the doctor of the training set says about one picture. */
export const findingSchema = z.strictObject({
  image: idSchema,
  kind: z.enum(findingKinds),
  severity: z.number().describe('how far from the others, in robust standard deviations'),
  other: idSchema.nullable().describe('the picture it repeats'),
  text: z.string(),
})
export type Finding = z.infer<typeof findingSchema>
