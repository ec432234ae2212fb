/** The published experiments that can be repeated, as one explicit list. */
import { AssayError, suggest } from '@assay/contract'
import { crasPresets } from './cras.ts'
import { inpFormerPresets } from './inp-former.ts'
import type { Preset } from './preset.ts'
import { robisPreset } from './robis.ts'

export const experiments: readonly Preset[] = [...crasPresets, robisPreset, ...inpFormerPresets]

/** Looks an experiment up by its name; OPTION_INVALID suggests the nearest. */
export function findExperiment(name: string): Preset {
  const found = experiments.find((preset) => preset.name === name)
  if (found !== undefined) return found
  const near = suggest(
    name,
    experiments.map((preset) => preset.name),
  )
  const meant = near === undefined ? '' : `, perhaps "${near}" was meant`
  throw new AssayError('OPTION_INVALID', {
    option: 'the experiment',
    value: name,
    reason: `there is none of that name${meant}; "assay experiment list" shows them`,
  })
}
