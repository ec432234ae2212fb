/**
 * Files by the SHA-256 of their content. One is there whole or not at all, and never changes.
 *
 * What comes from outside is staged first: written aside and hashed while it arrives, so that it can be looked at
 * and thrown away before it is kept.
 */
import type { Readable } from 'node:stream'

/** A file in the store. */
export interface Blob {
  readonly sha256: string
  readonly bytes: number
}

/** A file that is not in the store yet. Disposing it throws it away unless it was kept. */
export interface Staged extends Blob, AsyncDisposable {
  readonly path: string
  /** Puts it into the store; after the answer it survives a crash. */
  keep(): Promise<Kept>
}

interface Kept extends Blob {
  /** Takes it out again, if it came with this keeping and nobody has kept the same since. */
  readonly undo: () => Promise<void>
}

export interface StageOptions {
  /** More bytes are refused with UPLOAD_TOO_LARGE. */
  readonly limit?: number
  /** What errors call it. */
  readonly name?: string
}

export type BlobSource = Uint8Array | AsyncIterable<Uint8Array>

export interface BlobStore {
  stage(source: BlobSource, options?: StageOptions): Promise<Staged>
  /** Stages and keeps at once. */
  put(source: BlobSource, options?: StageOptions): Promise<Blob>
  /** Copies a file of this machine into the store. */
  putFile(path: string): Promise<Blob>
  /** Throws NOT_FOUND. */
  open(sha256: string): Promise<{ readonly stream: Readable; readonly bytes: number }>
  read(sha256: string): Promise<Uint8Array>
  /** A local file to read, never to change; it stays at least as long as the process. Throws NOT_FOUND. */
  path(sha256: string): Promise<string>
  has(sha256: string): Promise<boolean>
  remove(sha256: string): Promise<void>
  /** All that are in the store, with the time when they came. */
  list(): AsyncIterable<{ readonly sha256: string; readonly at: Date }>
}
