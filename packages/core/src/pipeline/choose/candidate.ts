/** Which methods are compared, and with what recipe. */
import { AssayError, methodNames, type MethodName, type Recipe } from '@assay/contract'
import { resolveRecipe, type RecipeOptions } from '../recipe.ts'

export interface Candidate {
  readonly method: MethodName
  /** As the user wants it, but in the fast profile, at one scale, and in the steps of one product. */
  readonly recipe: Recipe
}

/** A method that cannot be trained as asked. */
export interface LeftOut {
  readonly method: MethodName
  readonly reason: string
}

/** Throws what the first method throws when none of them can be trained as asked. */
export function listCandidates(
  options: RecipeOptions,
  products: number,
): { readonly candidates: readonly Candidate[]; readonly leftOut: readonly LeftOut[] } {
  const candidates: Candidate[] = []
  const leftOut: LeftOut[] = []
  let first: unknown
  for (const method of methodNames) {
    try {
      const recipe = resolveRecipe({ ...options, method, profile: 'fast' }, products)
      candidates.push({ method, recipe: bound(recipe) })
    } catch (error) {
      if (!(error instanceof AssayError)) throw error
      first ??= error
      leftOut.push({ method, reason: error.message })
    }
  }
  if (candidates.length === 0) throw first
  return { candidates, leftOut }
}

/** So that a comparison takes no longer for many products than for one. */
function bound(recipe: Recipe): Recipe {
  return {
    ...recipe,
    input: { ...recipe.input, scales: [1] },
    cras: { ...recipe.cras, stepsPerExtraProduct: 0 },
    inpFormer: { ...recipe.inpFormer, stepsPerExtraProduct: 0 },
  }
}

/** Candidates whose features are the same: what is extracted and remembered for one serves the others. */
export function groupCandidates(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groups = new Map<string, Candidate[]>()
  for (const candidate of candidates) {
    const { input, features, memory, mode, seed } = candidate.recipe
    const key = JSON.stringify([input, features, memory, mode, seed])
    groups.set(key, [...(groups.get(key) ?? []), candidate])
  }
  return [...groups.values()]
}
