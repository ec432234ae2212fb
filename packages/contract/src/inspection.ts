/** The record of one inspected image: what the command, the library, the API and the page all show. */
import { z } from 'zod'

const verdictSchema = z.enum(['good', 'defect', 'unsure'])
export type Verdict = z.infer<typeof verdictSchema>

const regionSchema = z.strictObject({
  box: z
    .tuple([z.int(), z.int(), z.int(), z.int()])
    .describe('x, y, width, height in pixels of the original image, origin top left'),
  areaPx: z.int().describe('pixels of the mask in this region'),
  peak: z.number().describe('largest raw score inside'),
})
export type Region = z.infer<typeof regionSchema>

export const inspectionSchema = z.strictObject({
  image: z.string().describe('path or name of the image'),
  product: z.string().nullable(),
  score: z.number().nullable().describe('raw score; rises with strangeness'),
  calibrated: z.number().nullable().describe('0 to 1; 0.5 is the threshold'),
  threshold: z.number().nullable().describe('on the scale of score'),
  verdict: verdictSchema.nullable(),
  regions: z.array(regionSchema),
  map: z.string().nullable().describe('path of the float32 TIFF anomaly map, if one was written'),
  mask: z.string().nullable().describe('path of the PNG mask, if one was written'),
  error: z
    .strictObject({ code: z.string(), message: z.string(), hint: z.string() })
    .nullable()
    .describe('why this image could not be inspected; the other fields are then null'),
})
export type Inspection = z.infer<typeof inspectionSchema>
