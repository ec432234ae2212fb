/** What the catalogue holds for each backbone: its card, where its weights are, and how it becomes a graph. */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

import type { BackboneCard } from './card.ts'

export interface BackboneEntry {
  readonly card: BackboneCard
  /** A safetensors file with the sha256 of the card. */
  readonly weights: URL
  /**
   * Appends the network to `g`; `x` is `[N, 3, H, W]` float32, normalised as the card says. Gives one value per
   * tap, `[N, channels, H / stride, W / stride]`.
   */
  readonly build: (
    g: GraphBuilder,
    x: Value,
    weights: ReadonlyMap<string, Tensor>,
    taps: readonly string[],
  ) => Record<string, Value>
}
