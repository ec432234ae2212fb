/** The backbones that Assay knows, as one explicit list: those whose weights come with it, then published ones. */
import { AssayError, suggest } from '@assay/contract'

import { createDinoV2 } from './dinov2/entry.ts'
import { embeddedWeights } from './efficientnet-lite/embedded.ts'
import { createEfficientNetLite } from './efficientnet-lite/entry.ts'
import type { BackboneEntry } from './entry.ts'
import { createResNet, resnetDesigns } from './resnet/entry.ts'

export const backbones: readonly BackboneEntry[] = [
  createEfficientNetLite(embeddedWeights.lite0),
  createEfficientNetLite(embeddedWeights.lite2),
  ...Object.entries(resnetDesigns).map(([id, design]) => createResNet(id, design)),
  createDinoV2('s', { hasRegisters: false }),
  createDinoV2('b', { hasRegisters: false }),
  createDinoV2('l', { hasRegisters: false }),
  createDinoV2('s', { hasRegisters: true }),
  createDinoV2('b', { hasRegisters: true }),
  createDinoV2('l', { hasRegisters: true }),
]

/** Looks a backbone up by its id, in the built-in list or another; BACKBONE_UNKNOWN names the nearest. */
export function findBackbone(id: string, among: readonly BackboneEntry[] = backbones): BackboneEntry {
  const found = among.find(({ card }) => card.id === id)
  if (found !== undefined) return found
  const known = among.map(({ card }) => card.id)
  throw new AssayError('BACKBONE_UNKNOWN', { backbone: id, known, suggestion: suggest(id, known) })
}
