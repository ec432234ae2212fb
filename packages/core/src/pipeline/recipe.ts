/** From the options of a training to its resolved recipe. */
import {
  AssayError,
  mergeRecipe,
  paperRecipe,
  profiles,
  type MethodName,
  type PartialRecipe,
  type ProfileName,
  type Recipe,
} from '@assay/contract'
import { findBackbone, type BackboneCard } from '../backbone/index.ts'

export interface RecipeOptions {
  readonly method?: MethodName | undefined
  readonly profile?: ProfileName | undefined
  readonly backbone?: string | undefined
  readonly seed?: number | undefined
  readonly mode?: 'assay' | 'paper' | undefined
  /** Read by parsePartialRecipe. */
  readonly recipe?: PartialRecipe | undefined
}

/** Defaults, then profile or paper mode, then the recipe file, then flags. Checks backbone and taps. */
export function resolveRecipe(options: RecipeOptions, products: number): Recipe {
  const { recipe = {} } = options
  const profile = options.profile ?? recipe.profile ?? 'balanced'
  const mode = options.mode ?? recipe.mode ?? 'assay'
  const flags: PartialRecipe = {
    profile,
    mode,
    ...(options.method === undefined ? {} : { method: options.method }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.backbone === undefined ? {} : { features: { backbone: options.backbone } }),
  }
  const resolved = mergeRecipe(mode === 'paper' ? paperRecipe(products) : profiles[profile], recipe, flags)
  const { card } = findBackbone(resolved.features.backbone)
  requireTaps(card, resolved.features.taps)
  requireFit(resolved, card.input.multipleOf)
  return resolved
}

function requireTaps(card: BackboneCard, taps: readonly string[]): void {
  const known = card.taps.map((t) => t.name)
  for (const tap of taps)
    if (!known.includes(tap)) throw new AssayError('TAP_UNKNOWN', { backbone: card.id, tap, taps: known })
}

/** What a single key does not tell: whether the values can go together. */
function requireFit({ input, features, cras }: Recipe, multipleOf: number): void {
  const { neighbourhood, pooling, dimension, taps } = features
  const refuse = (key: string, reason: string): never => {
    throw new AssayError('RECIPE_VALUE_INVALID', { key, reason })
  }
  if (input.fit === 'whole' && input.multipleOf % multipleOf !== 0)
    refuse('input.multipleOf', `the backbone needs a multiple of ${multipleOf}`)
  if (input.fit === 'short-side-crop' && input.crop % multipleOf !== 0)
    refuse('input.crop', `the backbone needs a multiple of ${multipleOf}`)
  if (neighbourhood % 2 === 0) refuse('features.neighbourhood', `${neighbourhood} is not odd`)
  if (pooling === 'adaptive' && (dimension === 0 || dimension % taps.length !== 0))
    refuse(
      'features.dimension',
      `with adaptive pooling it is a multiple of the number of taps, ${taps.length}`,
    )
  if (cras.centres === 'coreset' && cras.patchesPerImage === 0)
    refuse('cras.patchesPerImage', 'with centres from the coreset it is 1 or more')
}
