/** What is seen of a picture, and what the backbone makes of it. */
import { z } from 'zod'

export const inputSchema = z.strictObject({
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

export const featuresSchema = z.strictObject({
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
