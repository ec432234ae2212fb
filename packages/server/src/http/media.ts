/** The media type of a picture by its first bytes: what a client called it is not believed. */
import { open } from 'node:fs/promises'

const starts: readonly (readonly [type: string, bytes: readonly (number | null)[]])[] = [
  ['image/png', [0x89, 0x50, 0x4e, 0x47]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
  ['image/webp', [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ['image/tiff', [0x49, 0x49, 0x2a, 0]],
  ['image/tiff', [0x4d, 0x4d, 0, 0x2a]],
  ['image/tiff', [0x49, 0x49, 0x2b, 0]],
  ['image/tiff', [0x4d, 0x4d, 0, 0x2b]],
  ['image/bmp', [0x42, 0x4d]],
]

export async function mediaTypeOf(path: string): Promise<string> {
  await using file = await open(path, 'r')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0)
  const known = starts.find(
    ([, bytes]) => bytesRead >= bytes.length && bytes.every((byte, i) => byte === null || buffer[i] === byte),
  )
  return known?.[0] ?? 'application/octet-stream'
}
