/**
 * Erosion by a square for planes that are mostly zero, as masks of defects are.
 *
 * Equal to `erode` of the image room (OpenCV's window of an even square reaches one further to the left
 * and above; pixels outside are ignored), but empty stretches cost next to nothing.
 */

/** The minimum of `plane` `[h, w]` in the square of `side` around each pixel. */
export function erodeSparse(plane: Uint8Array, width: number, height: number, side: number): Uint8Array {
  if (side <= 1) return plane
  const before = side >> 1
  const after = side - 1 - before
  const { least, first, last } = leastInRows(plane, width, height, before, after)
  const out = new Uint8Array(plane.length)
  // The last row of each column's minimum.
  const rows = new Int32Array(width).fill(-1)
  for (let y = 0; y < height; y++) {
    const top = Math.max(0, y - before)
    const bottom = Math.min(height - 1, y + after)
    // Only columns where no row of the window is empty.
    let start = 0
    let end = width - 1
    for (let row = top; row <= bottom; row++) {
      if (first[row]! > start) start = first[row]!
      if (last[row]! < end) end = last[row]!
    }
    for (let x = start; x <= end; x++) {
      const here = y * width + x
      if (least[here] === 0) {
        rows[x] = -1
        continue
      }
      let lowest = rows[x]!
      if (lowest < top) {
        // The window has passed it, or an empty stretch lay between.
        lowest = top
        for (let row = top + 1; row <= bottom; row++)
          if (least[row * width + x]! <= least[lowest * width + x]!) lowest = row
      } else if (least[bottom * width + x]! <= least[lowest * width + x]!) lowest = bottom
      rows[x] = lowest
      out[here] = least[lowest * width + x]!
    }
  }
  return out
}

/** The minimum along each row, with the first and last column of each row where it is not zero. */
function leastInRows(
  plane: Uint8Array,
  width: number,
  height: number,
  before: number,
  after: number,
): { readonly least: Uint8Array; readonly first: Int32Array; readonly last: Int32Array } {
  const least = new Uint8Array(plane.length)
  const first = new Int32Array(height).fill(width)
  const last = new Int32Array(height).fill(-1)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const end = row + width
    for (let i = row; i < end; i++) {
      if (plane[i] === 0) continue
      // A run of non-zero pixels; one that touches the border goes on outside.
      const from = i
      while (i < end && plane[i] !== 0) i++
      const lowest = from === row ? from : from + before
      const highest = i === end ? end - 1 : i - 1 - after
      if (lowest > highest) continue
      // The last place of the minimum: it holds until the window has passed it or something as low comes.
      let at = -1
      let value = 255
      for (let to = lowest; to <= highest; to++) {
        const start = Math.max(from, to - before)
        const stop = Math.min(i - 1, to + after)
        if (at < start) {
          value = 255
          for (let k = start; k <= stop; k++)
            if (plane[k]! <= value) {
              value = plane[k]!
              at = k
            }
        } else if (plane[stop]! <= value) {
          value = plane[stop]!
          at = stop
        }
        least[to] = value
      }
      if (first[y] === width) first[y] = lowest - row
      last[y] = highest - row
    }
  }
  return { least, first, last }
}
