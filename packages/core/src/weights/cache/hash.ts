/** The sha256 of a file, read through one small buffer. */
import { createHash } from 'node:crypto'
import fs from 'node:fs/promises'

import { reasonOf } from '@assay/contract'

import { unreadable } from '../fault.ts'

export interface HashProgress {
  readonly type: 'checking'
  readonly done: number
  readonly total: number
}

const stepBytes = 2 ** 20
const progressEvery = 16 * stepBytes

/**
 * Yields how far it is, and returns the sum in hexadecimal with the number of bytes that it is of. A file that
 * cannot be read is WEIGHTS_UNREADABLE.
 */
export async function* hashFile(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<HashProgress, { readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(stepBytes)
  const fault = (error: unknown): never => {
    throw unreadable(path, reasonOf(error), error)
  }
  await using handle = await fs.open(path, 'r').catch(fault)
  const total = (await handle.stat()).size
  let done = 0
  for (;;) {
    signal?.throwIfAborted()
    const { bytesRead } = await handle.read(buffer, 0, stepBytes, done).catch(fault)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    done += bytesRead
    if (done % progressEvery === 0 || done === total) yield { type: 'checking', done, total }
  }
  return { sha256: hash.digest('hex'), bytes: done }
}
