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
const profileSchema = z.enum(profileNames)
export type ProfileName = z.infer<typeof profileSchema>

const inputSchema = z.strictObject({
  fit: z
    .enum(['whole', 'short-side-crop'])
    .describe('whole: the whole picture, scaled to the size of its product; short-side-crop: as published'),
  pixels: z
    .int()
    .min(64 * 64)
    .max(4096 * 4096)
    .describe('whole: about so many pixels after scaling, in the aspect ratio of the product'),
  multipleOf: z.int().min(1).describe('whole: both sides become multiples of this'),
  scales: z
    .array(z.number().min(0.25).max(1))
    .min(1)
    .max(3)
    .refine((scales) => scales[0] === 1, 'the first scale is 1')
    .describe(
      'whole: the input is seen at these scales of its sides, each with a memory and heads of its own; 1 first',
    ),
  resize: z.int().min(32).describe('short-side-crop: short side after scaling'),
  crop: z.int().min(32).describe('short-side-crop: side of the central square'),
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
    .enum(['mean', 'adaptive'])
    .describe(
      'mean: neighbourhoods averaged and taps stacked; adaptive: pooled to a fixed width as published',
    ),
  dimension: z
    .int()
    .min(0)
    .describe(
      'mean: width after a random orthogonal projection, 0 for none; adaptive: width of the pooled feature',
    ),
  transform: z
    .enum(['none', 'signed-sqrt'])
    .describe(
      'mean: what is done to each value after averaging; the signed square root tames large activations',
    ),
  balance: z.boolean().describe('mean: give all taps the same total variance before stacking'),
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
  score: scoreSchema,
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
  input: { fit: 'whole', pixels: 147_456, multipleOf: 32, scales: [1], resize: 329, crop: 288 },
  features: {
    backbone: 'efficientnet-lite2',
    taps: ['stage3', 'stage5'],
    neighbourhood: 3,
    pooling: 'mean',
    dimension: 0,
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
  score: { topShare: 0.01, sigma: 4 },
  calibration: { holdOut: 0.1, holdOutAtMost: 60, falseAlarms: 0.05, falseMasks: 0.15 },
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
