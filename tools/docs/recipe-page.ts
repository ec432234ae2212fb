/** docs/reference/recipe.md, from the recipe's schema, its defaults, the profiles and the paper's setting. */
import {
  defaultRecipe,
  mergeRecipe,
  paperRecipe,
  profileNames,
  profiles,
  recipeSchema,
  type PartialRecipe,
  type Recipe,
} from '../../packages/contract/src/index.ts'
import { code, page, table } from './markdown.ts'

/** What of a JSON schema is shown. */
interface KeySchema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly (string | number)[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: KeySchema
  readonly properties?: Readonly<Record<string, KeySchema>>
}

export function recipePage(): string {
  const { properties = {} } = recipeSchema.toJSONSchema() as KeySchema
  const plain = Object.entries(properties).filter(([, schema]) => schema.properties === undefined)
  const sections = Object.entries(properties).flatMap(([name, schema]) =>
    schema.properties === undefined
      ? []
      : [`## ${name}`, keyTable(Object.entries(schema.properties), defaultRecipe[name as keyof Recipe])],
  )
  return page(
    'Recipe',
    'packages/contract/src/recipe',
    'A recipe is everything that decides what a training yields, and nothing else: threads, devices and memory are options of the command. ' +
      'It is settled in this order: defaults, profile (or the setting of the paper with `--mode paper`), the file given with `--recipe`, flags. ' +
      '`assay train --print-recipe` prints the result; it is also stored in the model.',
    'A recipe file is YAML and holds any part of these keys. An unknown key is an error that suggests the right one.',
    '```yaml\nprofile: accurate\nscore:\n  sigma: 2\ncalibration:\n  falseAlarms: 0.005\n```',
    '## Top level',
    keyTable(plain, defaultRecipe),
    ...sections,
    '## Profiles',
    'What each profile changes against the defaults.',
    changeTable(Object.fromEntries(profileNames.map((name) => [name, mergeRecipe(profiles[name])]))),
    '## Paper mode',
    '`--mode paper` sets what was published, for one product and for several, in place of a profile.',
    changeTable({
      'one product': mergeRecipe(paperRecipe(1)),
      'several products': mergeRecipe(paperRecipe(2)),
    } satisfies Record<string, PartialRecipe>),
  )
}

function keyTable(keys: readonly (readonly [string, KeySchema])[], defaults: unknown): string {
  const values = defaults as Readonly<Record<string, unknown>>
  return table(
    ['Key', 'Default', 'Takes', 'Meaning'],
    keys.map(([name, schema]) => [
      code(name),
      code(show(values[name])),
      describeType(schema),
      schema.description ?? '',
    ]),
  )
}

/** Every key in which one of the recipes differs from the defaults. */
function changeTable(recipes: Readonly<Record<string, Recipe>>): string {
  const flat = Object.entries(recipes).map(([name, recipe]) => [name, flatten(recipe)] as const)
  const changed = [...flatten(defaultRecipe)].filter(([key, value]) =>
    flat.some(([, other]) => other.get(key) !== value),
  )
  const shown = changed.filter(([key]) => key !== 'profile' && key !== 'mode')
  return table(
    ['Key', 'Default', ...flat.map(([name]) => name)],
    shown.map(([key, value]) => [
      code(key),
      code(value),
      ...flat.map(([, other]) => code(other.get(key) ?? '')),
    ]),
  )
}

function flatten(recipe: Recipe): Map<string, string> {
  const flat = new Map<string, string>()
  for (const [name, value] of Object.entries(recipe)) {
    if (typeof value !== 'object') flat.set(name, show(value))
    else for (const [key, inner] of Object.entries(value)) flat.set(`${name}.${key}`, show(inner))
  }
  return flat
}

function describeType(schema: KeySchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ')
  if (schema.type === 'boolean') return '`true`, `false`'
  if (schema.type === 'string') return 'text'
  if (schema.type === 'array') {
    const count =
      schema.maxItems === undefined
        ? `${schema.minItems ?? 0} or more`
        : `${schema.minItems ?? 0} to ${schema.maxItems}`
    return `list of ${count}: ${schema.items === undefined ? 'anything' : describeType(schema.items)}`
  }
  const kind = schema.type === 'integer' ? 'whole number' : 'number'
  const { minimum, exclusiveMinimum } = schema
  // The schema library writes the largest safe number where there is no limit.
  const maximum = schema.maximum === Number.MAX_SAFE_INTEGER ? undefined : schema.maximum
  const limits = []
  if (exclusiveMinimum !== undefined) limits.push(`above ${exclusiveMinimum}`)
  if (minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER)
    limits.push(maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`)
  else if (maximum !== undefined) limits.push(`up to ${maximum}`)
  return [kind, ...limits].join(', ')
}

function show(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(String).join(', ')}]` : String(value)
}
