/**
 * Opens a backbone of the catalogue: finds its weights, checks and prepares them, and builds it into graphs.
 *
 * Embedded weights lie in the package folder, verified by sha256, so they work offline, from the file system in
 * Node and over HTTP from a page that serves the package. Published ones come from the cache of weights.
 */
import { AssayError, reasonOf } from '@assay/contract'
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

import { readFile } from '#file'
import { openPublishedWeights } from '#published'
import { sha256Hex } from '../sha256.ts'
import { openCheckpoint, type Checkpoint } from '../weights/index.ts'
import { requireTaps, type BackboneCard } from './card.ts'
import { backbones, findBackbone } from './catalogue.ts'
import { checkTensors } from './check.ts'
import type { BackboneEntry, WeightsOrigin } from './entry.ts'

/** A backbone whose weights are in memory. */
export interface Backbone {
  readonly card: BackboneCard
  readonly origin: WeightsOrigin
  /** Prepared weights by name. */
  readonly weights: ReadonlyMap<string, Tensor>
  /**
   * Appends the network to `g`, up to the last tap asked for. `x` is `[N, 3, H, W]` float32, normalised (see
   * `normaliseImage`), with H and W multiples of `card.input.multipleOf`; both may be named sizes. Gives one
   * value per tap, `[N, channels, H / stride, W / stride]`. An unknown tap is TAP_UNKNOWN.
   */
  build(g: GraphBuilder, x: Value, taps: readonly string[]): Record<string, Value>
}

/**
 * Opens the backbone `id` as far as `taps` need it. BACKBONE_UNKNOWN and TAP_UNKNOWN name what there is;
 * published weights that are not in the cache are WEIGHTS_MISSING, a file that does not fit is WEIGHTS_UNSUITABLE,
 * a damaged one WEIGHTS_UNREADABLE.
 */
export async function openBackbone(
  id: string,
  taps: readonly string[],
  among: readonly BackboneEntry[] = backbones,
): Promise<Backbone> {
  const entry = findBackbone(id, among)
  requireTaps(entry.card, taps)
  const { checkpoint, origin } = await openWeights(entry)
  await using file = checkpoint
  return await readBackbone(entry, file, origin, taps)
}

/** Makes a backbone of an open weights file, which may be closed afterwards. */
export async function readBackbone(
  entry: BackboneEntry,
  checkpoint: Checkpoint,
  origin: WeightsOrigin,
  taps: readonly string[],
): Promise<Backbone> {
  const { card } = entry
  const weights = await entry.prepare(checkTensors(entry, checkpoint), taps)
  return {
    card,
    origin,
    weights,
    build(g, x, wanted) {
      requireTaps(card, wanted)
      // Sizes that are named are checked by nobody: the padding would be one pixel off.
      const odd = x.shape.slice(2).find((d) => typeof d === 'number' && d % card.input.multipleOf !== 0)
      if (odd !== undefined)
        throw new Error(
          `internal: ${card.id} takes sizes that are multiples of ${card.input.multipleOf}, not ${odd}`,
        )
      return entry.build(g, x, weights, wanted)
    },
  }
}

interface OpenWeights {
  readonly checkpoint: Checkpoint
  readonly origin: WeightsOrigin
}

async function openWeights({ weights }: BackboneEntry): Promise<OpenWeights> {
  if ('published' in weights) {
    const { checkpoint, record } = await openPublishedWeights(weights.published)
    const { origin, licence, sha256 } = record
    return { checkpoint, origin: { origin, licence, sha256 } }
  }
  const { embedded: url, origin, licence, sha256 } = weights
  const path = url.protocol === 'file:' ? decodeURIComponent(url.pathname) : url.href
  const bytes = await readFile(url).catch((error: unknown) => {
    throw new AssayError('WEIGHTS_UNREADABLE', { path, reason: reasonOf(error) }, { cause: error })
  })
  const found = await sha256Hex(bytes)
  if (found !== sha256)
    throw new AssayError('WEIGHTS_UNREADABLE', {
      path,
      reason: `its sha256 is ${found} instead of ${sha256}`,
    })
  return { checkpoint: await openCheckpoint(bytes, { name: path }), origin: { origin, licence, sha256 } }
}
