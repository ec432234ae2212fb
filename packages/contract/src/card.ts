/**
 * The model card: JSON inside the model file that makes it self-describing.
 *
 * No dates and no paths, so that the same training gives the same bytes.
 */
import { z } from 'zod'
import { choiceSchema } from './choice.ts'
import { defaultRecipe, methodNameSchema, recipeSchema } from './recipe/index.ts'
import { zonesSchema } from './zone.ts'

/** Version of the card's schema; a larger one in a file means that a newer Assay wrote it. */
export const cardVersion = 1

const calibratedLevelSchema = z.strictObject({
  threshold: z.number().describe('on the raw scale; above it is a defect'),
  scale: z.number().positive().describe('calibrated = sigmoid((raw - threshold) / scale)'),
})

const aimsSchema = z.strictObject({
  falseMasks: z.number(),
  unsure: z.number().nullable(),
  confidence: z.number(),
})

const promiseSchema = z.strictObject({
  falseAlarms: z.number().describe('no larger share of good images is called defect'),
  falseMasks: z.number().describe('no larger share of good images has something in its mask'),
  confidence: z.number().describe('each of the two holds in this share of calibrations'),
})

/** What an earlier calibration had set, and from how many good images. */
const earlierSchema = z.strictObject({
  image: calibratedLevelSchema,
  pixel: calibratedLevelSchema,
  unsure: z.number().nullable(),
  falseAlarms: z.number(),
  heldOutImages: z.int(),
  heldOutAbove: z.int(),
  zones: z.array(
    z.strictObject({
      name: z.string(),
      image: calibratedLevelSchema,
      pixel: calibratedLevelSchema,
      unsure: z.number().nullable(),
    }),
  ),
})

const productCardSchema = z.strictObject({
  name: z.string(),
  height: z.int().describe('pixels of the model input for this product'),
  width: z.int(),
  window: z
    .strictObject({ height: z.int(), width: z.int() })
    .nullable()
    .default(null)
    .describe('size of the windows that a picture is cut into, in its own pixels; null when it is not cut'),
  trainingImages: z.int(),
  heldOutImages: z.int().describe('good images that set the thresholds and were kept from training'),
  image: calibratedLevelSchema.describe('decides the verdict'),
  pixel: calibratedLevelSchema.describe('decides the mask'),
  mask: z
    .array(z.record(z.string(), z.number()).nullable())
    .default([null])
    .describe('what each binariser of the recipe learned from good maps, in their order'),
  falseAlarms: z.number().describe('share of good images that the threshold aims at'),
  heldOutAbove: z.int().describe('held-out good images above the threshold'),
  unsure: z
    .number()
    .nullable()
    .default(null)
    .describe(
      'on the raw scale; above it, up to the threshold, the verdict is unsure; null for two verdicts',
    ),
  aims: aimsSchema
    .nullable()
    .default(null)
    .describe('what a later calibration aimed at in place of the recipe; null if there was none'),
  promised: promiseSchema
    .nullable()
    .default(null)
    .describe('what the number of held-out images allows to promise; null in files of earlier versions'),
  zones: zonesSchema
    .nullable()
    .default(null)
    .describe('parts of the image that are inspected, with their rules; null for all of it'),
  byHand: z
    .literal(true)
    .optional()
    .describe(
      'the threshold was set by hand: falseAlarms and heldOutAbove are those of the calibration before',
    ),
  history: z.array(earlierSchema).default([]).describe('earlier calibrations, oldest first'),
})
export type ProductCard = z.infer<typeof productCardSchema>

const sampleSchema = z.strictObject({
  input: z
    .strictObject({ height: z.int(), width: z.int(), seed: z.int() })
    .describe(
      'pixel i of the row-major HWC uint8 input is a closed formula of seed and i; see docs/reference/model-file.md',
    ),
  product: z.int(),
  score: z.number(),
  map: z.array(z.strictObject({ y: z.int(), x: z.int(), value: z.number() })),
})
export type CardSample = z.infer<typeof sampleSchema>

const paritySchema = z.strictObject({
  provider: z.string().describe('what was compared with the CPU on one thread'),
  images: z.int().describe('compared images, every second one with an inverted square in it'),
  misrouted: z.int().describe('those taken for another product than on the CPU'),
  score: z.number().describe('largest difference over the larger of score and threshold'),
  map: z.number().describe('largest difference of a pixel over the spread of its map'),
  mask: z.number().describe('largest share of the pixels of a mask that differ'),
})
export type CardParity = z.infer<typeof paritySchema>

/** What an export made of a float32 file, and how far it is from it. */
const exportedSchema = z.strictObject({
  precision: z.enum(['float16', 'int8']).describe('of the weights in the file'),
  arithmetic: z.enum(['float32', 'float16', 'int8']).describe('in which the layers of the backbone compute'),
  from: z
    .strictObject({ sha256: z.string(), bytes: z.int() })
    .describe('the float32 file that the model was exported from'),
  calibrationImages: z.int().describe('good images that showed the ranges of what is rounded; 0 for none'),
  thresholds: z
    .enum(['kept', 'recalibrated'])
    .describe(
      'kept: those of the float32 file, with which every compared image has the same verdict; recalibrated: set ' +
        'again on the calibration images',
    ),
  differences: z
    .array(paritySchema.extend({ verdicts: z.int().describe('images with another verdict') }))
    .describe('how far the file was, on each provider, from the float32 file on the CPU'),
})
export type CardExport = z.infer<typeof exportedSchema>

const weightsOriginSchema = z.strictObject({
  backbone: z.string(),
  origin: z.string(),
  licence: z.string(),
  sha256: z.string(),
})

/** What the versions did that did not know a key yet: mostly its default of today. */
const beforeKeys = { ...defaultRecipe, mask: { ...defaultRecipe.mask, binarisers: ['threshold'] } }

/** Files of earlier versions lack the keys that came later: filled in with what those versions did. */
function fillRecipe(value: unknown): unknown {
  if (!isRecord(value)) return value
  const filled: Record<string, unknown> = { ...value }
  for (const [key, fallback] of Object.entries(beforeKeys)) {
    const own = value[key]
    if (own === undefined) filled[key] = fallback
    else if (isRecord(own) && isRecord(fallback)) filled[key] = { ...fallback, ...own }
  }
  return filled
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const cardSchema = z.strictObject({
  version: z.literal(cardVersion),
  assay: z.string().describe('version of Assay that wrote the file'),
  method: methodNameSchema,
  recipe: z.preprocess(fillRecipe, recipeSchema),
  choice: choiceSchema
    .optional()
    .describe('how the method was chosen by "auto"; absent when it was asked for or is the default'),
  sees: z.enum(['good', 'test']).describe('the truth that training and thresholds looked at'),
  weights: weightsOriginSchema,
  data: z.strictObject({
    images: z.int(),
    sha256: z.string().describe('over the bytes of all training images'),
  }),
  imported: z
    .array(z.strictObject({ file: z.string(), sha256: z.string() }))
    .optional()
    .describe('files of another implementation that the model was made from; absent when Assay trained it'),
  products: z.array(productCardSchema).min(1),
  view: z
    .int()
    .nullable()
    .describe('side of the square view from which the product is recognised; null when there is one product'),
  samples: z.array(sampleSchema),
  parity: z
    .array(paritySchema)
    .default([])
    .describe('how far each provider was from the CPU before the file was written; empty in earlier files'),
  exported: exportedSchema.optional().describe('absent in a float32 file, which is what a training writes'),
  tools: z.record(z.string(), z.string()),
})
export type Card = z.infer<typeof cardSchema>
