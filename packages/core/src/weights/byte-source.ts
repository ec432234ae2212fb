/**
 * Random access to the bytes of a weights file, on disk or in memory.
 *
 * Checkpoints have gigabytes; readers ask for ranges and never for the whole file.
 */
import { openFile as openPath } from '#file'
import { reasonOf } from '@assay/contract'

import { unreadable } from './fault.ts'

export interface ByteSource extends AsyncDisposable {
  /** Path or given name, for messages. */
  readonly name: string
  /** Where the file is; null for bytes in memory. */
  readonly path: string | null
  readonly size: number
  /**
   * Bytes `[offset, offset + length)`; a range outside the file is WEIGHTS_UNREADABLE. The result may be a
   * view of memory that others hold: read it, do not write into it.
   */
  read(offset: number, length: number): Promise<Uint8Array>
}

/** Opens a file by path, or wraps bytes that are in memory already. */
export async function openByteSource(source: string | Uint8Array, name?: string): Promise<ByteSource> {
  return typeof source === 'string'
    ? openFile(source, name ?? source)
    : wrapBytes(source, name ?? 'weights in memory')
}

function wrapBytes(given: Uint8Array, name: string): ByteSource {
  // A Buffer is a Uint8Array whose slice() does not copy; readers here count on the plain kind.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
  return {
    name,
    path: null,
    size: bytes.length,
    async read(offset, length) {
      checkRange(name, bytes.length, offset, length)
      return bytes.subarray(offset, offset + length)
    },
    async [Symbol.asyncDispose]() {},
  }
}

async function openFile(path: string, name: string): Promise<ByteSource> {
  const fault = (error: unknown): never => {
    throw unreadable(name, reasonOf(error), error)
  }
  const file = await openPath(path).catch(fault)
  if (!file.isFile) {
    await file[Symbol.asyncDispose]()
    throw unreadable(name, 'it is not a file')
  }
  const { size } = file
  return {
    name,
    path,
    size,
    async read(offset, length) {
      checkRange(name, size, offset, length)
      const bytes = new Uint8Array(length)
      for (let done = 0; done < length;) {
        // One system call reads less than 2 GiB.
        const part = Math.min(length - done, 2 ** 30)
        const bytesRead = await file.read(bytes, done, part, offset + done).catch(fault)
        if (bytesRead === 0) throw unreadable(name, 'it became shorter while being read')
        done += bytesRead
      }
      return bytes
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

function checkRange(name: string, size: number, offset: number, length: number): void {
  if (
    !Number.isSafeInteger(offset) ||
    !Number.isSafeInteger(length) ||
    offset < 0 ||
    length < 0 ||
    offset + length > size
  )
    throw unreadable(name, `it points at bytes ${offset} to ${offset + length}, but has only ${size}`)
}
