/** The bench file: which sets, methods, profiles, backbones and seeds `assay bench quality` compares. */
import { z } from 'zod'
import { AssayError } from './error.ts'
import { methodNameSchema, parsePartialRecipe, profileSchema, type PartialRecipe } from './recipe/index.ts'
import { suggest } from './suggest.ts'

/** What may stand in the first column of a table and be part of the name of a folder. */
const setName = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,79}$/u,
    'a name is letters, digits, blanks, ".", "_" and "-", at most 80',
  )

const wholeNumber = z.int().min(1).max(1024)

const benchSchema = z.strictObject({
  sets: z
    .record(setName, z.string().min(1))
    .refine((sets) => Object.keys(sets).length > 0, 'one set or more is needed')
    .describe('name of each set, and its folder seen from the folder of the file'),
  methods: z.array(methodNameSchema).min(1).default(['cras', 'patchcore']).describe('methods to compare'),
  profiles: z.array(profileSchema).min(1).default(['balanced']).describe('profiles of each'),
  backbones: z
    .array(z.string().min(1))
    .min(1)
    .nullable()
    .default(null)
    .describe('backbones of each; left out, the one of the recipe'),
  seeds: z.array(z.int().min(0).max(0xffffffff)).min(1).default([0]).describe('a run for each'),
  recipe: z.unknown().optional().describe('any part of a recipe, for all runs'),
  threads: wholeNumber.default(1).describe('threads of a run'),
  workers: wholeNumber.default(1).describe('runs side by side'),
})

export interface Bench extends Omit<z.infer<typeof benchSchema>, 'recipe'> {
  readonly recipe: PartialRecipe
}

/** Reads what a bench file holds. BENCH_INVALID names the key; faults in `recipe` are those of a recipe. */
export function parseBench(value: unknown, path: string): Bench {
  const result = benchSchema.safeParse(value ?? {})
  if (result.success) return { ...result.data, recipe: parsePartialRecipe(result.data.recipe) }
  const issue = result.error.issues[0]
  if (issue === undefined) throw new Error('internal: a failed parse without an issue')
  if (issue.code === 'unrecognized_keys') {
    const [unknown = ''] = issue.keys
    const near = suggest(unknown, Object.keys(benchSchema.shape))
    const reason = `there is no such key${near === undefined ? '' : `, perhaps "${near}" was meant`}`
    throw new AssayError('BENCH_INVALID', { path, key: unknown, reason })
  }
  const key = issue.path.map(String).join('.') || '(whole file)'
  const reason = issue.code === 'invalid_key' ? issue.issues[0]?.message : undefined
  throw new AssayError('BENCH_INVALID', { path, key, reason: reason ?? issue.message })
}
