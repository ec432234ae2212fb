/** Recipes as YAML: read with every key checked, printed with every value. */
import { readFile } from 'node:fs/promises'
import { AssayError, parsePartialRecipe, reasonOf, type PartialRecipe, type Recipe } from '@assay/contract'

/** Reads any part of a recipe. Unknown keys, duplicate keys and wrong values are errors. */
export async function readRecipeFile(path: string): Promise<PartialRecipe> {
  return parsePartialRecipe(await readYaml(path))
}

/** The keys and values of a YAML file, or nothing for an empty one; duplicate keys are errors. */
export async function readYaml(path: string): Promise<unknown> {
  const { parse } = await import('yaml')
  let value: unknown
  try {
    // Without the core schema's tags nothing but plain values can come out; aliases are bounded.
    value = parse(await readFile(path, 'utf8'), {
      strict: true,
      uniqueKeys: true,
      maxAliasCount: 100,
      logLevel: 'error',
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : yamlReason(error)
    throw new AssayError('RECIPE_UNREADABLE', { path, reason }, { cause: error })
  }
  if (value !== null && value !== undefined && (typeof value !== 'object' || Array.isArray(value))) {
    throw new AssayError('RECIPE_UNREADABLE', { path, reason: 'it holds no keys' })
  }
  return value
}

/** A whole recipe as YAML that --recipe reads again. */
export async function printRecipe(recipe: Recipe): Promise<string> {
  const { Document, isCollection, visit } = await import('yaml')
  const document = new Document(recipe)
  visit(document, {
    Seq: (_, node) => {
      node.flow = true
    },
    Pair: (_, pair) => (isCollection(pair.value) ? undefined : visit.SKIP),
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** The first line of a parser's complaint: what and where. */
function yamlReason(error: unknown): string {
  return reasonOf(error).replace(/:$/, '')
}
