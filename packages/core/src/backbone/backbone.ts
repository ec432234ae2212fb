/**
 * Opens a backbone of the catalogue: reads its weights, verified by sha256, and builds it into graphs.
 *
 * Embedded weights lie in the package folder, so this works offline, from the file system in Node and over
 * HTTP from a page that serves the package.
 */
import { AssayError, reasonOf } from '@assay/contract'
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

import { openCheckpoint } from '../weights/index.ts'
import type { BackboneCard } from './card.ts'
import { findBackbone } from './catalogue.ts'
import type { BackboneEntry } from './entry.ts'

/** A backbone whose weights are in memory. */
export interface Backbone {
  readonly card: BackboneCard
  /** Folded weights by name. */
  readonly weights: ReadonlyMap<string, Tensor>
  /**
   * Appends the network to `g`, up to the last tap asked for. `x` is `[N, 3, H, W]` float32, normalised (see
   * `normaliseImage`), with H and W multiples of `card.input.multipleOf`; both may be named sizes. Gives one
   * value per tap, `[N, channels, H / stride, W / stride]`. An unknown tap is TAP_UNKNOWN.
   */
  build(g: GraphBuilder, x: Value, taps: readonly string[]): Record<string, Value>
}

/** Opens one of the backbones that come with the package, by id. */
export async function openEmbeddedBackbone(id: string): Promise<Backbone> {
  return openBackbone(findBackbone(id))
}

/** Opens a backbone of any catalogue. A weights file that is not the one of the card is WEIGHTS_UNREADABLE. */
export async function openBackbone({ card, weights: url, build }: BackboneEntry): Promise<Backbone> {
  const path = url.protocol === 'file:' ? decodeURIComponent(url.pathname) : url.href
  const bytes = await fetchBytes(url).catch((error: unknown) => {
    throw new AssayError('WEIGHTS_UNREADABLE', { path, reason: reasonOf(error) }, { cause: error })
  })
  const sha256 = await sha256Of(bytes)
  if (sha256 !== card.sha256)
    throw new AssayError('WEIGHTS_UNREADABLE', {
      path,
      reason: `its sha256 is ${sha256} instead of ${card.sha256}`,
    })

  const weights = new Map<string, Tensor>()
  await using checkpoint = await openCheckpoint(bytes, { name: path })
  for (const name of checkpoint.names()) weights.set(name, await checkpoint.tensor(name))
  return {
    card,
    weights,
    build(g, x, taps) {
      const known = card.taps.map(({ name }) => name)
      for (const tap of taps)
        if (!known.includes(tap)) throw new AssayError('TAP_UNKNOWN', { backbone: card.id, tap, taps: known })
      // Sizes that are named are checked by nobody: the padding would be one pixel off.
      const odd = x.shape.slice(2).find((d) => typeof d === 'number' && d % card.input.multipleOf !== 0)
      if (odd !== undefined)
        throw new Error(
          `internal: ${card.id} takes sizes that are multiples of ${card.input.multipleOf}, not ${odd}`,
        )
      return build(g, x, weights, taps)
    },
  }
}

async function fetchBytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  if (url.protocol === 'file:') {
    // Imported here so that browsers, where the file comes over HTTP, need not have it.
    const { readFile } = await import('node:fs/promises')
    return readFile(url)
  }
  const response = await fetch(url)
  if (!response.ok) throw new Error(`HTTP status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
