/** From the options of a training to its resolved recipe. */
import {
  AssayError,
  formatRate,
  mergeRecipe,
  padimLayer,
  padimPaperRecipe,
  paperRecipe,
  profiles,
  robisPaperRecipe,
  robisProfiles,
  type MethodName,
  type PartialRecipe,
  type ProfileName,
  type Recipe,
} from '@assay/contract'
import {
  backbones,
  findBackbone,
  requireTaps,
  type BackboneCard,
  type BackboneEntry,
} from '../backbone/index.ts'

export interface RecipeOptions {
  readonly method?: MethodName | undefined
  readonly profile?: ProfileName | undefined
  readonly backbone?: string | undefined
  readonly seed?: number | undefined
  /** Cuts pictures into windows of so many of their pixels. */
  readonly window?: number | undefined
  readonly segmenter?: Recipe['mask']['segmenter'] | undefined
  readonly mode?: 'assay' | 'paper' | undefined
  /** What the thresholds aim at. */
  readonly falseAlarms?: number | undefined
  readonly unsure?: number | null | undefined
  readonly confidence?: number | undefined
  /** Read by parsePartialRecipe. */
  readonly recipe?: PartialRecipe | undefined
}

/**
 * Defaults, then profile or paper mode, then what the backbone wants, then the recipe file, then flags. Checks
 * backbone and taps.
 */
export function resolveRecipe(
  options: RecipeOptions,
  products: number,
  among: readonly BackboneEntry[] = backbones,
): Recipe {
  const { recipe = {} } = options
  const profile = options.profile ?? recipe.profile ?? 'balanced'
  const mode = options.mode ?? recipe.mode ?? 'assay'
  const flags: PartialRecipe = {
    profile,
    mode,
    ...(options.method === undefined ? {} : { method: options.method }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(options.backbone === undefined ? {} : { features: { backbone: options.backbone } }),
    ...(options.window === undefined ? {} : { input: { fit: 'tiles', window: options.window } }),
    ...(options.segmenter === undefined ? {} : { mask: { segmenter: options.segmenter } }),
    calibration: {
      ...(options.falseAlarms === undefined ? {} : { falseAlarms: options.falseAlarms }),
      ...(options.unsure === undefined ? {} : { unsure: options.unsure }),
      ...(options.confidence === undefined ? {} : { confidence: options.confidence }),
    },
  }
  const base = layersOf(options.method ?? recipe.method, mode, profile, products)
  const asked = mergeRecipe(...base, recipe, flags)
  const { card } = findBackbone(asked.features.backbone, among)
  const resolved = mergeRecipe(...base, suitBackbone(card, mergeRecipe(...base), recipe), recipe, flags)
  requireTaps(card, resolved.features.taps)
  requireFit(resolved, card)
  return resolved
}

/** What the method, its mode and profile say, from the bottom up. */
function layersOf(
  method: MethodName | undefined,
  mode: Recipe['mode'],
  profile: ProfileName,
  products: number,
): readonly PartialRecipe[] {
  if (mode === 'paper') return [paperOf(method, products)]
  if (method === 'robis') return [profiles[profile], robisProfiles[profile]]
  return method === 'padim' ? [profiles[profile], padimLayer] : [profiles[profile]]
}

function paperOf(method: MethodName | undefined, products: number): PartialRecipe {
  if (method === 'robis') return robisPaperRecipe()
  return method === 'padim' ? padimPaperRecipe() : paperRecipe(products)
}

/**
 * What a backbone changes in the recipe below the user's file: its own taps, weights of taps only where there
 * is one for each, sides that it can take.
 */
function suitBackbone(card: BackboneCard, { input, features }: Recipe, file: PartialRecipe): PartialRecipe {
  const pooling = file.features?.pooling ?? features.pooling
  // What a method says of taps is said of its own backbone.
  const usual = card.id === features.backbone ? features.taps : card.defaultTaps
  const taps = file.features?.taps ?? (pooling === 'tokens' ? card.tokenTaps : usual)
  const isSuited = input.multipleOf % card.input.multipleOf === 0
  return {
    input: { multipleOf: isSuited ? input.multipleOf : card.input.multipleOf },
    features: {
      taps: [...taps],
      tapWeights: features.tapWeights.length === taps.length ? features.tapWeights : [],
    },
  }
}

/** What a single key does not tell: whether the values can go together. */
function requireFit(recipe: Recipe, card: BackboneCard): void {
  const { method, input, features, cras, inpFormer, mask } = recipe
  const { multipleOf } = card.input
  const { neighbourhood, pooling, dimension, groups, taps } = features
  const refuse = (key: string, reason: string): never => {
    throw new AssayError('RECIPE_VALUE_INVALID', { key, reason })
  }
  const isCropped = input.fit === 'short-side-crop' || input.fit === 'square-crop'
  if (!isCropped && input.multipleOf % multipleOf !== 0)
    refuse('input.multipleOf', `the backbone needs a multiple of ${multipleOf}`)
  if (isCropped && input.crop % multipleOf !== 0)
    refuse('input.crop', `the backbone needs a multiple of ${multipleOf}`)
  if (neighbourhood % 2 === 0) refuse('features.neighbourhood', `${neighbourhood} is not odd`)
  if (pooling === 'adaptive' && (dimension === 0 || dimension % taps.length !== 0))
    refuse(
      'features.dimension',
      `with adaptive pooling it is a multiple of the number of taps, ${taps.length}`,
    )
  const widths = new Set(card.taps.filter((t) => taps.includes(t.name)).map((t) => t.channels))
  if (pooling === 'tokens' && taps.length % groups !== 0)
    refuse('features.groups', `${taps.length} taps do not make ${groups} groups of equal size`)
  if (pooling === 'tokens' && dimension === 0 && widths.size > 1)
    refuse('features.dimension', 'it is 0 only where all taps have the same number of channels')
  if (method === 'robis') {
    const width = dimension === 0 ? Math.max(...widths) : dimension
    if (pooling !== 'tokens') refuse('features.pooling', 'robis reconstructs tokens')
    if (width % inpFormer.headWidth !== 0)
      refuse('inpFormer.headWidth', `it divides the width of a group, ${width}`)
    if (inpFormer.blocks % groups !== 0)
      refuse('inpFormer.blocks', `${inpFormer.blocks} blocks do not make ${groups} groups of equal size`)
  }
  if (method === 'padim') {
    if (input.fit === 'tiles')
      refuse('input.fit', 'padim compares the same place of all pictures, and windows show different places')
    if (pooling === 'tokens') refuse('features.pooling', 'padim takes mean or adaptive')
  }
  if (mask.binarisers.includes('manual') && mask.manual === null)
    refuse('mask.manual', 'the binariser "manual" needs a number')
  if (cras.centres === 'coreset' && cras.patchesPerImage === 0)
    refuse('cras.patchesPerImage', 'with centres from the coreset it is 1 or more')
  requireBand(recipe.calibration)
}

/** An unsure band lies below the threshold, so it holds more good images. */
export function requireBand({
  falseAlarms,
  unsure,
}: Pick<Recipe['calibration'], 'falseAlarms' | 'unsure'>): void {
  if (unsure !== null && unsure <= falseAlarms)
    throw new AssayError('RECIPE_VALUE_INVALID', {
      key: 'calibration.unsure',
      reason: `it is more often than falseAlarms, ${formatRate(falseAlarms)}, or null`,
    })
}
