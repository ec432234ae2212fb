/**
 * The recipe: everything that decides what a training yields, and nothing else.
 *
 * Threads, devices, memory and paths are not here: they change how fast a run is, not what it makes.
 * A recipe is resolved in this order: built-in defaults, profile (or the paper's setting), recipe file,
 * flags. The resolved one is stored in the model card.
 */
import { z } from 'zod'
import { AssayError } from './error.ts'
import { suggest } from './suggest.ts'

export const methodNames = ['cras', 'patchcore', 'robis'] as const
export const methodNameSchema = z.enum(methodNames)
export type MethodName = z.infer<typeof methodNameSchema>

export const profileNames = ['fast', 'balanced', 'accurate'] as const
export const profileSchema = z.enum(profileNames)
export type ProfileName = z.infer<typeof profileSchema>

const inputSchema = z.strictObject({
  fit: z
    .enum(['whole', 'tiles', 'short-side-crop', 'square-crop'])
    .describe(
      'whole: the whole picture, scaled to the size of its product; tiles: overlapping windows of it, one after ' +
        'the other, for small defects in large pictures; short-side-crop: as CRAS was published; square-crop: as ' +
        'INP-Former was published',
    ),
  pixels: z
    .int()
    .min(64 * 64)
    .max(4096 * 4096)
    .describe(
      'whole, tiles: about so many pixels after scaling, in the aspect ratio of the picture or window',
    ),
  multipleOf: z.int().min(1).describe('whole, tiles: both sides become multiples of this'),
  window: z.int().min(32).describe('tiles: side of a window, in pixels of the picture'),
  overlap: z.number().min(0).max(0.9).describe('tiles: share of a window that the next one covers too'),
  edge: z
    .enum(['shift', 'pad'])
    .describe(
      'tiles: the last window is shifted inwards, or hangs over the edge filled with zeros, as published',
    ),
  trainingWindows: z
    .int()
    .min(1)
    .describe('tiles: at most so many windows per product are learned from, drawn at random'),
  scales: z
    .array(z.number().min(0.25).max(1))
    .min(1)
    .max(3)
    .refine((scales) => scales[0] === 1, 'the first scale is 1')
    .describe(
      'whole, tiles: the input is seen at these scales of its sides, each with a memory and heads of its own; 1 first',
    ),
  resize: z
    .int()
    .min(32)
    .describe('short-side-crop: short side after scaling; square-crop: both sides after scaling'),
  crop: z.int().min(32).describe('short-side-crop, square-crop: side of the central square'),
})

const featuresSchema = z.strictObject({
  backbone: z.string().describe('name of the backbone'),
  taps: z
    .array(z.string())
    .min(1)
    .describe('layers whose outputs become the patch features; the first sets the grid'),
  neighbourhood: z
    .int()
    .min(1)
    .max(9)
    .describe('side of the square of patches gathered around each patch; odd'),
  pooling: z
    .enum(['mean', 'adaptive', 'tokens'])
    .describe(
      'mean: neighbourhoods averaged and taps stacked; adaptive: pooled to a fixed width as CRAS was published; ' +
        'tokens: neighbourhoods averaged, taps made equally wide and averaged in groups',
    ),
  dimension: z
    .int()
    .min(0)
    .describe(
      'mean: width after a random orthogonal projection, 0 for none; adaptive: width of the pooled feature; ' +
        'tokens: width of each group, 0 for that of the taps',
    ),
  groups: z
    .int()
    .min(1)
    .max(8)
    .describe('tokens: the taps are averaged in so many groups of equal size, in their order'),
  transform: z
    .enum(['none', 'signed-sqrt'])
    .describe(
      'mean, tokens: what is done to each value after averaging; the signed square root tames large activations',
    ),
  balance: z.boolean().describe('mean, tokens: give all taps the same total variance'),
  tapWeights: z
    .array(z.number().positive())
    .describe('balance: then multiply each tap by its weight; 1 where none is given'),
})

const memorySchema = z.strictObject({
  size: z.int().min(1).describe('patches kept per product by the greedy coreset'),
  candidates: z
    .int()
    .min(1)
    .describe('patches drawn at random per product, from which the coreset is chosen'),
  neighbours: z
    .int()
    .min(1)
    .max(16)
    .describe(
      'the map takes the mean distance to so many nearest entries; the image score that to the nearest',
    ),
})

const crasSchema = z.strictObject({
  centres: z
    .enum(['coreset', 'position-mean'])
    .describe('coreset: the memory, searched in the raw feature space; position-mean: as published'),
  adaptor: z
    .enum(['identity', 'xavier', 'none'])
    .describe('how the linear adaptor starts; none leaves it out'),
  refreshCentres: z
    .boolean()
    .describe(
      'residuals use the centre adapted by the current adaptor; false keeps the initial one, as published',
    ),
  headInputs: z
    .array(z.enum(['feature+residual', 'residual']))
    .min(1)
    .max(8)
    .describe('one discriminator per entry, trained side by side and averaged; the entry says what it sees'),
  layers: z.int().min(2).max(6).describe('linear layers of the discriminator'),
  hidden: z.int().min(0).describe('width of the first hidden layer; 0 for the width of the feature'),
  leak: z.number().min(0).max(1).describe('slope of the leaky ReLU'),
  noise: z
    .enum(['relative', 'absolute'])
    .describe('relative: in units of the mean standard deviation of a feature value'),
  noiseScale: z.number().positive().describe('standard deviation of the noise, in the unit of noise'),
  damagedShare: z
    .number()
    .min(0)
    .max(0.9)
    .describe(
      'share of the fakes that are patches of damaged training pictures; the others are noise on features',
    ),
  damagedImages: z.int().min(1).describe('training pictures that are damaged once for it, over all products'),
  distanceGuide: z.number().min(0).describe('k of the distance-guided scale of the noise; 0 for plain noise'),
  steps: z.int().min(0).describe('optimiser steps; 0 to follow epochs'),
  stepsPerExtraProduct: z.int().min(0).describe('additional steps for each product after the first'),
  epochs: z.int().min(1).describe('passes over the images when steps is 0'),
  limit: z.int().min(-1).describe('at most so many images per epoch; -1 for all'),
  batch: z.int().min(1).describe('images per step'),
  patchesPerImage: z.int().min(0).describe('patches drawn per image and step; 0 for all'),
  adaptorRate: z.number().positive().describe('learning rate of the adaptor (AdamW)'),
  adaptorDecay: z.number().min(0).describe('decoupled weight decay of the adaptor'),
  headRate: z.number().positive().describe('learning rate of the discriminator (Adam)'),
  headDecay: z.number().min(0).describe('L2 weight decay of the discriminator'),
  distanceInScore: z
    .number()
    .min(0)
    .describe('weight of the distance to the nearest centre in the image score'),
  distanceInMap: z.number().min(0).describe('the same in the map'),
})

const inpFormerSchema = z.strictObject({
  prototypes: z.int().min(1).max(64).describe('intrinsic normal prototypes per image'),
  headWidth: z.int().min(1).describe('values per attention head; it divides the width of a group'),
  blocks: z
    .int()
    .min(1)
    .max(24)
    .describe('blocks of the decoder; their outputs are averaged in as many groups as the taps'),
  exponent: z
    .number()
    .min(0)
    .max(8)
    .describe('the gradient of a token is multiplied by its distance over the mean distance, to this power'),
  coherence: z
    .number()
    .min(0)
    .describe('weight of the loss that draws each prototype towards the tokens nearest to it'),
  steps: z.int().min(0).describe('optimiser steps; 0 to follow epochs'),
  stepsPerExtraProduct: z.int().min(0).describe('additional steps for each product after the first'),
  epochs: z.int().min(1).describe('passes over the images when steps is 0'),
  batch: z.int().min(1).describe('images per step'),
  tokensPerImage: z
    .int()
    .min(0)
    .describe('tokens of each image that are reconstructed in a step, drawn at random; 0 for all'),
  rate: z.number().positive().describe('learning rate after the warm-up (StableAdamW)'),
  finalRate: z.number().positive().describe('learning rate of the last step, reached on a cosine'),
  warmupSteps: z.int().min(0).describe('steps over which the learning rate rises from 0'),
  decay: z.number().min(0).describe('decoupled weight decay'),
  gradientNorm: z.number().positive().describe('the gradient is shortened to this norm'),
})

const scoreSchema = z.strictObject({
  topShare: z
    .number()
    .min(0)
    .max(1)
    .describe('image score = mean of this share of the patches, the strangest ones; 0 for the largest alone'),
  sigma: z.number().min(0).max(8).describe('Gaussian smoothing of the map, in pixels of the model input'),
})

const calibrationSchema = z.strictObject({
  holdOut: z
    .number()
    .min(0.01)
    .max(0.5)
    .describe('share of the good images kept from training to set the thresholds'),
  holdOutAtMost: z.int().min(1).describe('but not more images than this per product'),
  falseAlarms: z
    .number()
    .min(0.00001)
    .max(0.5)
    .describe('share of good images that may be called defect, which the image threshold aims at'),
  falseMasks: z
    .number()
    .min(0.00001)
    .max(0.5)
    .describe('share of good images in whose mask something may show, which the pixel threshold aims at'),
  unsure: z
    .number()
    .min(0.00001)
    .max(0.5)
    .nullable()
    .describe('share of good images that may be called unsure or defect; null for two verdicts only'),
  confidence: z
    .number()
    .min(0)
    .max(0.999)
    .describe(
      'with what confidence the thresholds keep falseAlarms, as far as the held-out images allow; 0 aims at it on average',
    ),
})

export const segmenterNames = ['none', 'sam-vit-b', 'sam-vit-l', 'sam-vit-h'] as const

const maskSchema = z.strictObject({
  binarisers: z
    .array(z.enum(['threshold', 'mebin', 'sigma', 'quantile', 'manual']))
    .min(1)
    .describe(
      'how the mask is made of the map, several united. threshold: above the pixel threshold; mebin: where the ' +
        'number of regions is stable, but never below what good images reach; sigma, quantile: of the pixels of ' +
        'good maps; manual: a number',
    ),
  deviations: z.number().positive().describe('sigma: so many standard deviations above the mean'),
  quantile: z.number().min(0.5).max(1).describe('quantile: share of the pixels of good maps that lie below'),
  manual: z.number().nullable().describe('manual: the threshold, on the scale of the map'),
  thickness: z
    .int()
    .min(1)
    .max(64)
    .describe('mebin: a region counts if a square of this side, in pixels of the picture, fits into it'),
  fillHoles: z.boolean().describe('holes in regions become part of them'),
  close: z.int().min(0).max(64).describe('gaps of up to twice so many pixels are closed; 0 for none'),
  open: z.int().min(0).max(64).describe('what is narrower than twice so many pixels goes; 0 for nothing'),
  smallestArea: z.int().min(0).describe('regions of fewer pixels go'),
  segmenter: z
    .enum(segmenterNames)
    .describe('Segment Anything draws the outlines anew, where its weights are there'),
  boxes: z.int().min(1).max(64).describe('segmenter: it is asked about so many of the largest regions'),
  segments: z
    .enum(['single', 'union'])
    .describe('segmenter: its best mask for each box, or all three united'),
  combine: z
    .enum(['unite', 'replace'])
    .describe(
      'segmenter: its masks are added where they fit the region, or take the place of all, as published',
    ),
})

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

export const defaultRecipe: Recipe = {
  method: 'cras',
  mode: 'assay',
  profile: 'balanced',
  seed: 0,
  input: {
    fit: 'whole',
    pixels: 147_456,
    multipleOf: 32,
    window: 512,
    overlap: 0.25,
    edge: 'shift',
    trainingWindows: 2000,
    scales: [1],
    resize: 329,
    crop: 288,
  },
  features: {
    backbone: 'efficientnet-lite2',
    taps: ['stage3', 'stage5'],
    neighbourhood: 3,
    pooling: 'mean',
    dimension: 0,
    groups: 2,
    transform: 'signed-sqrt',
    balance: true,
    tapWeights: [0.7, 1],
  },
  memory: { size: 4000, candidates: 40_000, neighbours: 3 },
  cras: {
    centres: 'coreset',
    adaptor: 'identity',
    refreshCentres: true,
    headInputs: ['feature+residual', 'feature+residual'],
    layers: 3,
    hidden: 0,
    leak: 0.2,
    noise: 'relative',
    noiseScale: 1,
    damagedShare: 0.5,
    damagedImages: 200,
    distanceGuide: 0.3,
    steps: 300,
    stepsPerExtraProduct: 200,
    epochs: 640,
    limit: -1,
    batch: 8,
    patchesPerImage: 128,
    adaptorRate: 1e-4,
    adaptorDecay: 0.01,
    headRate: 2e-4,
    headDecay: 1e-5,
    distanceInScore: 5,
    distanceInMap: 5,
  },
  inpFormer: {
    prototypes: 6,
    headWidth: 64,
    blocks: 2,
    exponent: 1,
    coherence: 0.2,
    steps: 900,
    stepsPerExtraProduct: 450,
    epochs: 200,
    batch: 16,
    tokensPerImage: 64,
    rate: 1e-3,
    finalRate: 1e-4,
    warmupSteps: 100,
    decay: 1e-4,
    gradientNorm: 0.1,
  },
  score: { topShare: 0.01, sigma: 4 },
  mask: {
    binarisers: ['threshold'],
    deviations: 3,
    quantile: 0.999,
    manual: null,
    thickness: 3,
    fillHoles: false,
    close: 0,
    open: 0,
    smallestArea: 0,
    segmenter: 'none',
    boxes: 3,
    segments: 'single',
    combine: 'unite',
  },
  calibration: {
    holdOut: 0.1,
    holdOutAtMost: 60,
    falseAlarms: 0.05,
    falseMasks: 0.15,
    unsure: null,
    confidence: 0,
  },
}

/** What each profile changes, per method. Measured in docs/decisions. */
export const profiles: Record<ProfileName, PartialRecipe> = {
  fast: {
    input: { pixels: 65_536 },
    memory: { size: 1000, candidates: 20_000, neighbours: 1 },
    cras: { headInputs: ['feature+residual'], steps: 200, damagedImages: 100 },
  },
  balanced: {},
  accurate: { input: { scales: [1, 2 / 3] } },
}

/** What RoBiS wants otherwise than the other methods, by profile; laid over `profiles`. */
export const robisProfiles: Record<ProfileName, PartialRecipe> = {
  fast: { features: robisFeatures(), inpFormer: { steps: 300 } },
  balanced: { features: robisFeatures() },
  accurate: { features: robisFeatures(), input: { scales: [1] }, inpFormer: { steps: 1800 } },
}

/** RoBiS as published, without its binarisation. */
export function robisPaperRecipe(): PartialRecipe {
  return {
    mode: 'paper',
    input: {
      fit: 'tiles',
      window: 1024,
      overlap: 0.1,
      edge: 'pad',
      pixels: 518 * 518,
      multipleOf: 14,
      scales: [1],
    },
    features: {
      ...robisFeatures(),
      backbone: 'dinov2reg-vit-b14',
      dimension: 0,
      transform: 'none',
    },
    inpFormer: {
      prototypes: 6,
      headWidth: 64,
      blocks: 8,
      exponent: 3,
      coherence: 0.2,
      steps: 0,
      epochs: 200,
      batch: 16,
      tokensPerImage: 0,
      rate: 1e-3,
      finalRate: 1e-4,
      warmupSteps: 100,
      decay: 1e-4,
      gradientNorm: 0.1,
    },
    score: { topShare: 0.01 },
  }
}

function robisFeatures(): Partial<Recipe['features']> {
  return {
    pooling: 'tokens',
    dimension: 192,
    groups: 2,
    neighbourhood: 1,
    transform: 'signed-sqrt',
    balance: false,
    tapWeights: [],
  }
}

/** CRAS as published (methods.md 1 to 11), for one product or for several. */
export function paperRecipe(products: number): PartialRecipe {
  return {
    mode: 'paper',
    input: { fit: 'short-side-crop', scales: [1], resize: 329, crop: 288 },
    features: { pooling: 'adaptive', dimension: 1536, neighbourhood: 3, transform: 'none', balance: false },
    cras: {
      centres: 'position-mean',
      adaptor: 'xavier',
      refreshCentres: false,
      headInputs: ['feature+residual'],
      layers: 3,
      hidden: 0,
      leak: 0.2,
      noise: 'absolute',
      noiseScale: 0.015,
      damagedShare: 0,
      distanceGuide: 0.3,
      steps: 0,
      stepsPerExtraProduct: 0,
      epochs: products === 1 ? 640 : 100,
      limit: -1,
      batch: products === 1 ? 8 : 32,
      patchesPerImage: 0,
      distanceInScore: 0,
      distanceInMap: 0,
    },
    score: { topShare: 0, sigma: 4 },
  }
}

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
