/** How a method was chosen where the user left it open: in the model card, in `--json` and in the events of a training. */
import { z } from 'zod'
import { methodNameSchema } from './recipe/index.ts'

const candidateSchema = z.strictObject({
  method: methodNameSchema,
  imageAuroc: z
    .number()
    .nullable()
    .describe(
      'damaged against good held-out images, mean over products and kinds; null when it was left out',
    ),
  aupro30: z.number().nullable().describe('of the damaged places, mean over products'),
  aupro05: z.number().nullable(),
  isTied: z.boolean().describe('whether it may be as good as the leader'),
  leftOut: z.string().nullable().describe('why it was not compared; null when it was'),
})

export const choiceSchema = z.strictObject({
  reason: z.string(),
  comparison: z
    .strictObject({
      trainingImages: z.int().describe('good images that each candidate learned from'),
      heldOutImages: z
        .int()
        .describe('good images that were judged, as they are and once damaged in each kind'),
      damages: z.array(z.string()).describe('kinds of damage'),
      candidates: z.array(candidateSchema).describe('best first'),
    })
    .nullable()
    .describe('null when the method was chosen by a rule'),
})
/** How a method was chosen. */
export type Choice = z.infer<typeof choiceSchema>
export type ChoiceCandidate = z.infer<typeof candidateSchema>
