/** The backbones that come with the package, as one explicit list. */
import { AssayError, suggest } from '@assay/contract'

import { embeddedWeights } from './efficientnet-lite/embedded.ts'
import { createEfficientNetLite } from './efficientnet-lite/entry.ts'
import type { BackboneEntry } from './entry.ts'

export const backbones: readonly BackboneEntry[] = [
  createEfficientNetLite(embeddedWeights.lite0),
  createEfficientNetLite(embeddedWeights.lite2),
]

/** Looks a backbone up by its id, in the built-in list or another; BACKBONE_UNKNOWN names the nearest. */
export function findBackbone(id: string, among: readonly BackboneEntry[] = backbones): BackboneEntry {
  const found = among.find(({ card }) => card.id === id)
  if (found !== undefined) return found
  const known = among.map(({ card }) => card.id)
  throw new AssayError('BACKBONE_UNKNOWN', { backbone: id, known, suggestion: suggest(id, known) })
}
