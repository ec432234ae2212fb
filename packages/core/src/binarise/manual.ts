/** A threshold that somebody chose. */
import { type BinariserDefinition, maskAbove } from './binariser.ts'

export interface ManualOptions {
  /** In the unit of the map; above it is anomalous. */
  readonly threshold: number
}

/** The default marks nothing. */
export const manual: BinariserDefinition<ManualOptions, null> = {
  id: 'manual',
  sees: 'nothing',
  defaults: { threshold: Infinity },
  binarise: ({ values }, _, { threshold }) => maskAbove(values, threshold),
}
