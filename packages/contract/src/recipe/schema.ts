/**
 * The recipe: everything that decides what a training yields, and nothing else.
 *
 * Threads, devices, memory and paths are not here: they change how fast a run is, not what it makes.
 * A recipe is resolved in this order: built-in defaults, profile (or the paper's setting), recipe file,
 * flags. The resolved one is stored in the model card.
 */
import { z } from 'zod'
import { calibrationSchema, maskSchema, scoreSchema } from './decision.ts'
import { featuresSchema, inputSchema } from './feature.ts'
import { crasSchema, inpFormerSchema, memorySchema, padimSchema } from './method.ts'
import { methodNameSchema, profileSchema } from './name.ts'

export const recipeSchema = z.strictObject({
  method: methodNameSchema.describe('how it learns'),
  mode: z.enum(['assay', 'paper']).describe('assay: no peeking, one image at a time; paper: as published'),
  profile: profileSchema.describe('a set of values for the keys below: quick, usual, or thorough'),
  seed: z.int().min(0).max(0xffffffff).describe('fixes every random choice'),
  input: inputSchema,
  features: featuresSchema,
  memory: memorySchema,
  cras: crasSchema,
  inpFormer: inpFormerSchema,
  padim: padimSchema,
  score: scoreSchema,
  mask: maskSchema,
  calibration: calibrationSchema,
})
export type Recipe = z.infer<typeof recipeSchema>

/** Any part of a recipe: what a recipe file or a profile may say. */
export type PartialRecipe = {
  readonly [K in keyof Recipe]?: Recipe[K] extends readonly unknown[] | string | number
    ? Recipe[K]
    : Partial<Recipe[K]>
}
