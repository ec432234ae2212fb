/** The binarisers that come with Assay, by name. */
import type { BinariserDefinition } from './binariser.ts'
import { hysteresis } from './hysteresis.ts'
import { manual } from './manual.ts'
import { mebin, mebinPublished } from './mebin/index.ts'
import { quantile } from './quantile.ts'
import { sigmaPublished } from './sigma-published.ts'
import { sigma } from './sigma.ts'

export const binarisers: readonly BinariserDefinition[] = [
  hysteresis,
  mebin,
  sigma,
  quantile,
  manual,
  mebinPublished,
  sigmaPublished,
]

/** Throws an internal error for a name that the recipe's schema should not have let through. */
export function findBinariser(id: string): BinariserDefinition {
  const found = binarisers.find((binariser) => binariser.id === id)
  if (found === undefined) throw new Error(`internal: there is no binariser "${id}"`)
  return found
}
