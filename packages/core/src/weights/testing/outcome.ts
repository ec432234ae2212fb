/** Reads everything in a file of unknown origin, and says how that ended. */
import { AssayError } from '@assay/contract'
import type { Tensor } from '@assay/graph'
import { expect } from 'vitest'

import { limits } from '../limits.ts'
import { openCheckpoint } from '../open.ts'

export type Outcome = 'read' | 'WEIGHTS_UNREADABLE' | 'WEIGHTS_REFUSED'

/**
 * Reads every tensor, or fails as weights may fail: with one of the two codes and one line of visible text. No
 * tensor is larger than its file or than an expanded view may be. Anything else that is thrown goes through.
 */
export async function readAll(
  bytes: Uint8Array,
  onTensor: (name: string, tensor: Tensor) => void = () => undefined,
): Promise<Outcome> {
  try {
    await using checkpoint = await openCheckpoint(bytes)
    for (const name of checkpoint.names()) {
      const tensor = await checkpoint.tensor(name)
      const { data, shape } = tensor
      expect(data.length).toBe(shape.reduce((n, d) => n * d, 1))
      expect(data.length).toBeLessThanOrEqual(Math.max(limits.expandedElements, bytes.length))
      onTensor(name, tensor)
    }
    return 'read'
  } catch (error) {
    if (
      error instanceof AssayError &&
      (error.code === 'WEIGHTS_UNREADABLE' || error.code === 'WEIGHTS_REFUSED')
    ) {
      expect(error.message).toMatch(/^[\x20-\x7e]*$/)
      return error.code
    }
    throw error
  }
}
