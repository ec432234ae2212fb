/** Pictures of a product: the material of its trainings and tests. */
import { z } from 'zod'
import { idSchema, nameSchema, pageQuerySchema, problemSchema, sha256Schema, timeSchema } from './common.ts'
import { bucketNames } from './product.ts'

export const splitNames = ['train', 'test'] as const

export const imageSchema = z.strictObject({
  id: idSchema,
  product: idSchema,
  name: z.string().describe('of the file that came'),
  sha256: sha256Schema,
  bytes: z.int(),
  width: z.int(),
  height: z.int(),
  bucket: z.enum(bucketNames),
  defect: nameSchema.nullable().describe('kind of defect, in the bucket of defects'),
  split: z.enum(splitNames).describe('what a training may use it for; a defect is always of the test'),
  hasMask: z.boolean(),
  source: z.enum(['upload', 'camera', 'watch', 'feedback']),
  createdAt: timeSchema,
  deletedAt: timeSchema.nullable().describe('a deleted picture can be restored until it is purged'),
})
export type ApiImage = z.infer<typeof imageSchema>

export const imageQuerySchema = pageQuerySchema.extend({
  bucket: z.enum(bucketNames).optional(),
  split: z.enum(splitNames).optional(),
  defect: nameSchema.optional(),
  deleted: z.stringbool().default(false),
})

/** Fields beside the files of an upload (multipart/form-data; any number of parts named `file`). */
export const uploadFieldsSchema = z.strictObject({
  bucket: z.enum(bucketNames).default('unsorted'),
  defect: nameSchema.optional(),
  split: z.enum(splitNames).optional().describe('by default good pictures are for training'),
  source: z.enum(['upload', 'camera']).default('upload'),
})

/** The outcome for each file of an upload, in their order. A picture that is there already is not kept twice. */
export const uploadResultSchema = z.strictObject({
  items: z.array(
    z.strictObject({
      name: z.string(),
      image: imageSchema.nullable(),
      isDuplicate: z.boolean(),
      error: problemSchema.nullable().describe('why this file was refused; the others are kept'),
    }),
  ),
})
export type UploadResult = z.infer<typeof uploadResultSchema>

/** One change for many pictures; all or none. */
export const imagesPatchSchema = z.strictObject({
  images: z.array(idSchema).min(1).max(10_000),
  bucket: z.enum(bucketNames).optional(),
  defect: nameSchema.nullable().optional(),
  split: z.enum(splitNames).optional(),
  deleted: z.boolean().optional().describe('true deletes, false restores'),
})
