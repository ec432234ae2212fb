/** The encoders of the published steps, by the reference's names, with the sizes that it gives their heads. */
import { AssayError, mergeRecipe, robisPaperRecipe, suggest, type Recipe } from '@assay/contract'
import { createDinoV2, offsetPositions, type BackboneEntry } from '../../backbone/index.ts'
import type { StepSettings } from './settings.ts'

export interface PublishedEncoder {
  /** As the reference calls it. */
  readonly name: string
  readonly entry: BackboneEntry
  /** Values per attention head of what is trained on it. */
  readonly headWidth: number
}

/** The reference resizes the positions of all of them alike, those with registers too. */
export const publishedEncoders: readonly PublishedEncoder[] = [true, false].flatMap((hasRegisters) =>
  (['small', 'base', 'large'] as const).map((size) => ({
    name: `dinov2${hasRegisters ? 'reg' : ''}_vit_${size}_14`,
    entry: createDinoV2(({ small: 's', base: 'b', large: 'l' } as const)[size], {
      hasRegisters,
      positions: offsetPositions,
    }),
    headWidth: 64,
  })),
)

/** BACKBONE_UNKNOWN suggests the nearest; a `crop_size` that the encoder cannot take is OPTION_INVALID. */
export function findEncoder(
  { encoder: name, crop_size: side }: Pick<StepSettings, 'encoder' | 'crop_size'>,
  among: readonly PublishedEncoder[] = publishedEncoders,
): PublishedEncoder {
  const found = among.find((encoder) => encoder.name === name)
  const known = among.map((encoder) => encoder.name)
  if (found === undefined)
    throw new AssayError('BACKBONE_UNKNOWN', { backbone: name, known, suggestion: suggest(name, known) })
  const { multipleOf } = found.entry.card.input
  if (side % multipleOf !== 0)
    throw new AssayError('OPTION_INVALID', {
      option: 'crop_size',
      value: String(side),
      reason: `${name} takes multiples of ${multipleOf}`,
    })
  return found
}

/** The published recipe on an encoder; what has to do with windows and masks is the steps' own. */
export function recipeOf(
  { entry, headWidth }: PublishedEncoder,
  inpFormer: Partial<Recipe['inpFormer']>,
  seed: number,
): Recipe {
  const { card } = entry
  return mergeRecipe({ method: 'robis', seed }, robisPaperRecipe(), {
    input: { multipleOf: card.input.multipleOf },
    features: { backbone: card.id, taps: [...card.tokenTaps] },
    inpFormer: { headWidth, ...inpFormer },
  })
}
