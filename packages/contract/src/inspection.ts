/** The record of one inspected image: what the command, the library, the API and the page all show. */
import { z } from 'zod'

const verdictSchema = z.enum(['good', 'defect', 'unsure'])
export type Verdict = z.infer<typeof verdictSchema>

const regionSchema = z.strictObject({
  box: z
    .tuple([z.int(), z.int(), z.int(), z.int()])
    .describe('x, y, width, height in pixels of the original image, origin top left'),
  areaPx: z.int().describe('pixels of the mask in this region'),
  lengthPx: z.number().describe('largest distance between two of its points'),
  mean: z.number().describe('mean raw score inside'),
  peak: z.number().describe('largest raw score inside'),
  zone: z.string().optional().describe('where it lies; present if the model has zones'),
  areaMm2: z.number().optional().describe('present if the model knows its millimetres per pixel'),
  lengthMm: z.number().optional().describe('lengthPx in millimetres, as areaMm2'),
})
export type Region = z.infer<typeof regionSchema>

const zoneInspectionSchema = z.strictObject({
  name: z.string(),
  score: z.number().describe('raw score of the zone'),
  calibrated: z.number(),
  threshold: z.number().describe('on the scale of score'),
  unsure: z.number().optional(),
  verdict: verdictSchema,
  regions: z.int().describe('that count against the rules of the zone'),
})
export type ZoneInspection = z.infer<typeof zoneInspectionSchema>

export const inspectionSchema = z.strictObject({
  image: z.string().describe('path or name of the image'),
  product: z.string().nullable(),
  score: z
    .number()
    .nullable()
    .describe(
      'raw score; rises with strangeness. With zones: of the zone that decides, on the scale of threshold',
    ),
  calibrated: z.number().nullable().describe('0 to 1; 0.5 is the threshold'),
  threshold: z.number().nullable().describe('on the scale of score'),
  unsure: z
    .number()
    .optional()
    .describe('above it, up to the threshold, the verdict is unsure; absent without such a band'),
  verdict: verdictSchema.nullable(),
  zones: z.array(zoneInspectionSchema).optional().describe('present if the model has zones'),
  regions: z.array(regionSchema),
  map: z.string().nullable().describe('path of the float32 TIFF anomaly map, if one was written'),
  mask: z.string().nullable().describe('path of the PNG mask, if one was written'),
  error: z
    .strictObject({ code: z.string(), message: z.string(), hint: z.string() })
    .nullable()
    .describe('why this image could not be inspected; the other fields are then null'),
})
export type Inspection = z.infer<typeof inspectionSchema>
