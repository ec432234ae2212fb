/** What a spool is: the samples of a picture too large to hold, decoded once and read in bands. */
import type { StoredLayout } from '../header.ts'
import type { ImageSource } from '../source.ts'

export interface Spool extends AsyncDisposable {
  /** Fills `into` with the bytes of the samples from byte `position` on. */
  read(into: Uint8Array, position: number): Promise<void>
}

/** Throws as `decodeImage` does, and OUTPUT_NOT_WRITABLE. */
export type OpenSpool = (source: ImageSource, layout: StoredLayout, name: string) => Promise<Spool>
