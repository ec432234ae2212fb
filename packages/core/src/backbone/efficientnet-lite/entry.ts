/** Catalogue entries for the EfficientNet-Lite weights that come with the package. */
import type { Tensor } from '@assay/graph'

import type { BackboneEntry } from '../entry.ts'
import { buildEfficientNetLite } from './build.ts'
import { convsUpTo, foldedShapes, planEfficientNetLite, type EfficientNetLiteVariant } from './plan.ts'

/** One weights file in packages/core/assets. */
export interface EmbeddedWeights {
  readonly variant: EfficientNetLiteVariant
  /** The network is cut behind this tap. */
  readonly lastTap: string
  readonly origin: string
  readonly sha256: string
  readonly fileBytes: number
}

/** Describes embedded weights as a backbone. */
export function createEfficientNetLite({ variant, lastTap, origin, sha256 }: EmbeddedWeights): BackboneEntry {
  const plan = planEfficientNetLite(variant, lastTap)
  const id = `efficientnet-${variant}`
  return {
    card: {
      id,
      input: {
        multipleOf: 32,
        // (pixel - 127) / 128, as the TensorFlow original was trained; not the usual ImageNet statistics.
        mean: [127 / 255, 127 / 255, 127 / 255],
        std: [128 / 255, 128 / 255, 128 / 255],
        colour: 'rgb',
      },
      taps: plan.taps,
      defaultTaps: ['stage3', 'stage5'],
      // Inside a block are six times the channels of its output, and none of them negative: averages over blocks
      // keep what they have in common.
      tokenTaps: plan.taps.map((tap) => tap.name).filter((name) => /^stage[45]\.\d\.expand$/.test(name)),
    },
    weights: {
      embedded: new URL(`../../../assets/${id}.safetensors`, import.meta.url),
      origin,
      licence: 'Apache-2.0',
      sha256,
    },
    tensors: foldedShapes(plan.convs),
    // The file is folded already.
    prepare: async (checkpoint, taps) => {
      const weights = new Map<string, Tensor>()
      for (const name of foldedShapes(convsUpTo(plan, taps)).keys())
        weights.set(name, await checkpoint.tensor(name))
      return weights
    },
    build: (g, x, weights, taps) => buildEfficientNetLite(g, x, plan, weights, taps),
  }
}
