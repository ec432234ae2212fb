/** The settings of each method. */
import { z } from 'zod'

export const memorySchema = z.strictObject({
  size: z.int().min(1).describe('patches kept per product by the greedy coreset'),
  consider: z
    .enum(['drawn', 'all'])
    .describe(
      'drawn: the coreset is chosen of some patches of a product, drawn at random; all: of every patch, a part at a time',
    ),
  candidates: z
    .int()
    .min(1)
    .describe('patches that the coreset is chosen of, at a time; this bounds the memory it takes'),
  neighbours: z
    .int()
    .min(1)
    .max(16)
    .describe(
      'the map takes the mean distance to so many nearest entries; the image score that to the nearest',
    ),
  precision: z
    .enum(['float32', 'float16', 'int8'])
    .describe('how the model file keeps the entries; less makes the file smaller, and nothing else'),
})

export const padimSchema = z.strictObject({
  dimensions: z
    .int()
    .min(1)
    .describe('values of a feature that are used, drawn at random; all of them where there are no more'),
  ridge: z
    .enum(['relative', 'absolute'])
    .describe('relative: in units of the mean variance of a feature value'),
  ridgeScale: z
    .number()
    .positive()
    .describe('added to the variance of every value at every place, in the unit of ridge'),
})

export const crasSchema = z.strictObject({
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

export const inpFormerSchema = z.strictObject({
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
