/** Catalogue entries for the EfficientNet-Lite weights that come with the package. */
import type { BackboneEntry } from '../entry.ts'
import { buildEfficientNetLite } from './build.ts'
import { countParameters, planEfficientNetLite, type EfficientNetLiteVariant } from './plan.ts'

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
export function createEfficientNetLite({
  variant,
  lastTap,
  origin,
  sha256,
  fileBytes,
}: EmbeddedWeights): BackboneEntry {
  const plan = planEfficientNetLite(variant, lastTap)
  const id = `efficientnet-${variant}`
  return {
    card: {
      id,
      licence: 'Apache-2.0',
      origin,
      sha256,
      input: {
        multipleOf: 32,
        // (pixel - 127) / 128, as the TensorFlow original was trained; not the usual ImageNet statistics.
        mean: [127 / 255, 127 / 255, 127 / 255],
        std: [128 / 255, 128 / 255, 128 / 255],
        colour: 'rgb',
      },
      taps: plan.taps,
      sizes: { fileBytes, parameters: countParameters(plan) },
    },
    weights: new URL(`../../../assets/${id}.safetensors`, import.meta.url),
    build: (g, x, weights, taps) => buildEfficientNetLite(g, x, plan, weights, taps),
  }
}
