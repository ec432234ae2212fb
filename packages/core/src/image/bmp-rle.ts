/**
 * Unpacks the two run-length codes of BMP into one palette index per byte.
 *
 * Pixels that a delta or an early end of line skips keep index 0, as in PIL. A stream that stops before
 * its end mark is accepted only if it reached the last row: otherwise the file was cut.
 */

/** Indices `[height, width]` in stored row order, or undefined if the stream is cut or leaves the picture. */
export function unpackRle(
  data: Uint8Array,
  width: number,
  height: number,
  bits: 4 | 8,
): Uint8Array | undefined {
  const indices = new Uint8Array(width * height)
  let x = 0
  let y = 0
  let at = 0
  while (at + 1 < data.length) {
    const count = data[at++]!
    const value = data[at++]!
    if (count > 0) {
      if (y >= height) return undefined
      // A run may pass the right edge in files of careless writers; what is outside is dropped.
      for (let k = 0; k < count; k++, x++) if (x < width) indices[y * width + x] = indexIn(value, k, bits)
    } else if (value === 0) {
      x = 0
      y++
    } else if (value === 1) {
      return indices
    } else if (value === 2) {
      if (at + 1 >= data.length) return undefined
      x += data[at++]!
      y += data[at++]!
      if (y > height) return undefined
    } else {
      const length = bits === 8 ? value : (value + 1) >> 1
      if (at + length > data.length || y >= height) return undefined
      for (let k = 0; k < value; k++, x++)
        if (x < width) indices[y * width + x] = indexIn(data[at + (bits === 8 ? k : k >> 1)]!, k, bits)
      // Absolute runs are padded to whole 16-bit words.
      at += length + (length & 1)
    }
  }
  return y >= height || (y === height - 1 && x >= width) ? indices : undefined
}

/** The `k`-th index of a run: the byte itself, or its high and low halves in turn. */
function indexIn(byte: number, k: number, bits: 4 | 8): number {
  if (bits === 8) return byte
  return k % 2 === 0 ? byte >> 4 : byte & 15
}
