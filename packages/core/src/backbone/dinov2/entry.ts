/** Catalogue entries for the published DINOv2 models. */
import type { BackboneEntry } from '../entry.ts'
import { buildDinoV2 } from './build.ts'
import {
  checkpointTensors,
  planDinoV2,
  tapsOf,
  tokenTaps,
  type DinoV2Plan,
  type DinoV2Size,
  type PositionResizing,
} from './plan.ts'
import { prepareDinoV2 } from './prepare.ts'

interface DinoV2Options {
  readonly hasRegisters: boolean
  /** Default: as the DINOv2 hub does it for this model. */
  readonly positions?: PositionResizing
}

/** Describes `dinov2-vit-s14` and its like, or with registers `dinov2reg-vit-s14`. */
export function createDinoV2(size: DinoV2Size, { hasRegisters, positions }: DinoV2Options): BackboneEntry {
  const plan = planDinoV2(size, hasRegisters, positions)
  return describeDinoV2(`dinov2${hasRegisters ? 'reg' : ''}-vit-${size}${plan.patch}`, plan)
}

/** An entry for a network of any size; its weights are published under the id. */
export function describeDinoV2(id: string, plan: DinoV2Plan): BackboneEntry {
  const quarter = plan.depth / 4
  return {
    card: {
      id,
      input: {
        multipleOf: plan.patch,
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
        colour: 'rgb',
      },
      taps: tapsOf(plan),
      // The ends of the four quarters, as SuperAD takes them for its memory banks. The last one is normalised, as
      // there and in AnomalyDINO: that is what DINOv2 was trained to give.
      defaultTaps: [...[1, 2, 3].map((k) => `block${k * quarter - 1}`), 'norm'],
      tokenTaps: tokenTaps(plan),
    },
    weights: { published: id },
    tensors: checkpointTensors(plan),
    prepare: (checkpoint, taps) => prepareDinoV2(checkpoint, plan, taps),
    build: (g, x, weights, taps) => buildDinoV2(g, x, plan, weights, taps),
  }
}
