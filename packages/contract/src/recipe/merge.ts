/** Recipes in layers: read, and laid over each other. */
import { z } from 'zod'
import { AssayError } from '../error.ts'
import { suggest } from '../suggest.ts'
import { defaultRecipe } from './default.ts'
import { recipeSchema, type PartialRecipe, type Recipe } from './schema.ts'

/** Lays the layers over each other, later ones winning key by key. Every layer must have been parsed. */
export function mergeRecipe(...layers: readonly PartialRecipe[]): Recipe {
  const merged: Record<string, unknown> = structuredClone(defaultRecipe)
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer)) {
      if (value === undefined) continue
      const below = merged[key]
      merged[key] = isSection(value) && isSection(below) ? { ...below, ...value } : value
    }
  }
  return recipeSchema.parse(merged)
}

/** Reads an untrusted partial recipe. Unknown keys are errors that suggest the right one. */
export function parsePartialRecipe(value: unknown): PartialRecipe {
  if (value === null || value === undefined) return {}
  const shape: Record<string, z.ZodType> = {}
  for (const [key, schema] of Object.entries(recipeSchema.shape)) {
    shape[key] = schema instanceof z.ZodObject ? schema.partial().optional() : schema.optional()
  }
  const result = z.strictObject(shape).safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue === undefined) throw new Error('internal: a failed parse without an issue')
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0] ?? ''
    const section = path[0] === undefined ? recipeSchema : recipeSchema.shape[path[0] as keyof Recipe]
    const known = section instanceof z.ZodObject ? Object.keys(section.shape) : []
    throw new AssayError('RECIPE_KEY_UNKNOWN', {
      key: [...path, unknown].join('.'),
      suggestion: suggest(unknown, known),
      known,
    })
  }
  throw new AssayError('RECIPE_VALUE_INVALID', {
    key: path.join('.') || '(whole file)',
    reason: issue.message,
  })
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
