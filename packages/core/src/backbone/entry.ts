/** What the catalogue holds for each backbone: its card, where its weights are, and how they become a graph. */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

import type { Checkpoint } from '../weights/index.ts'
import type { BackboneCard } from './card.ts'

/** Where weights come from, as the card of a model repeats it. */
export interface WeightsOrigin {
  /** Package or address, with what was changed; says so where the file is not the published one. */
  readonly origin: string
  /** SPDX identifier. */
  readonly licence: string
  /** Of the file that is opened, in hexadecimal. */
  readonly sha256: string
}

/** Weights inside the package: a safetensors file with the sha256 given. */
interface EmbeddedWeightsSource extends WeightsOrigin {
  readonly embedded: URL
}

/** Weights that others publish: an entry of the weights catalogue, by its id, looked for in the cache. */
interface PublishedWeightsSource {
  readonly published: string
}

export interface BackboneEntry {
  readonly card: BackboneCard
  readonly weights: EmbeddedWeightsSource | PublishedWeightsSource
  /** Names and shapes of all tensors in the weights file. */
  readonly tensors: ReadonlyMap<string, readonly number[]>
  /** Those of them that no tap needs and that a file may lack, such as a classifier. */
  readonly dispensable?: readonly string[]
  /**
   * Reads what the taps need, and only that, and folds what can be folded. `checkpoint` has been through
   * `checkTensors`: its names and shapes are those of `tensors`, its numbers float32 or float16.
   */
  prepare(checkpoint: Checkpoint, taps: readonly string[]): Promise<ReadonlyMap<string, Tensor>>
  /**
   * Appends the network to `g` with prepared weights, which reach at least as far as these taps; `x` is
   * `[N, 3, H, W]` float32, normalised as the card says. Gives one value per tap,
   * `[N, channels, H / stride, W / stride]`.
   */
  build(
    g: GraphBuilder,
    x: Value,
    weights: ReadonlyMap<string, Tensor>,
    taps: readonly string[],
  ): Record<string, Value>
}
