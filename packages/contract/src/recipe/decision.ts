/** From maps to scores, thresholds and masks. */
import { z } from 'zod'

export const scoreSchema = z.strictObject({
  topShare: z
    .number()
    .min(0)
    .max(1)
    .describe('image score = mean of this share of the patches, the strangest ones; 0 for the largest alone'),
  sigma: z.number().min(0).max(8).describe('Gaussian smoothing of the map, in pixels of the model input'),
})

export const calibrationSchema = z.strictObject({
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

export const maskSchema = z.strictObject({
  binarisers: z
    .array(z.enum(['threshold', 'hysteresis', 'mebin', 'sigma', 'quantile', 'manual']))
    .min(1)
    .describe(
      'how the mask is made of the map, several united. threshold: above the pixel threshold; hysteresis: what ' +
        'reaches the pixel threshold, as far as it is above the quantile of good maps; mebin: where the ' +
        'number of regions is stable, but never below what good images reach; sigma, quantile: of the pixels of ' +
        'good maps; manual: a number',
    ),
  deviations: z.number().positive().describe('sigma: so many standard deviations above the mean'),
  quantile: z
    .number()
    .min(0.5)
    .max(1)
    .describe('hysteresis, quantile: share of the pixels of good maps that lie below'),
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
