/** Notices a PNG that was cut in copying. */
import { AssayError } from '@assay/contract'

/** The end chunk of a PNG lies in its last bytes; some writers leave a few behind it. */
export const pngEndBytes = 64 * 1024

const iend = [0x49, 0x45, 0x4e, 0x44]

/**
 * IMAGE_UNREADABLE unless the end chunk is in the last bytes of the file, `bytes`. libpng itself is content once
 * the last row is there.
 */
export function requirePngEnd(bytes: Uint8Array, name: string): void {
  let at = bytes.length - 8
  while (at >= 0 && !iend.every((byte, i) => bytes[at + i] === byte)) at--
  if (at < 0)
    throw new AssayError('IMAGE_UNREADABLE', { path: name, reason: 'the file is cut: its end is missing' })
}
