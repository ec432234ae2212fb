/**
 * How many 8-connected components a map has at every threshold, in one pass over its pixels.
 *
 * Seen from high to low, components only appear at local maxima and join at saddles, so the counts follow
 * from where births and joins happen (the maximum spanning forest of the pixel graph, by Kruskal's rule).
 * A pixel joins something only if its higher neighbours do not already hold together around it, which
 * the eight comparisons with them tell. Only such saddles need a union; every other pixel just points
 * to a higher neighbour.
 */

/** Number of components of `levels >= k` for k = 1 to `top`, at index k - 1. `levels` is `[h, w]`, at most `top`. */
export function countComponents(levels: Uint8Array, width: number, height: number, top: number): Uint32Array {
  // A frame of zeros makes the border like the inside.
  const stride = width + 2
  const field = new Uint8Array(stride * (height + 2))
  for (let y = 0; y < height; y++)
    field.set(levels.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1)
  const offsets = ringOffsets(stride)
  const parent = new Int32Array(field.length)
  const change = new Int32Array(top + 1)
  const saddles = Array.from(change, (): number[] => [])
  const last = (height + 1) * stride - 1
  for (let p = stride + 1; p < last; p++) {
    const level = field[p]!
    if (level === 0) continue
    const ring = higherNeighbours(field, p, stride, level)
    const first = firstOfGroup[ring]!
    if (first === none) {
      parent[p] = p
      change[level] = change[level]! + 1
      continue
    }
    const neighbour = p + offsets[first]!
    // An earlier neighbour already points higher.
    parent[p] = neighbour < p ? parent[neighbour]! : neighbour
    if (othersOfGroups[ring]!.length > 0) saddles[level]!.push(p)
  }
  const counts = new Uint32Array(top)
  let count = 0
  for (let level = top; level > 0; level--) {
    count += change[level]!
    for (const p of saddles[level]!) {
      const root = findRoot(parent, p)
      for (const position of othersOfGroups[higherNeighbours(field, p, stride, level)]!) {
        const other = findRoot(parent, p + offsets[position]!)
        if (other === root) continue
        parent[other] = root
        count--
      }
    }
    counts[level - 1] = count
  }
  return counts
}

/** Positions around a pixel, counter-clockwise from the right; even ones share an edge with it. */
function ringOffsets(stride: number): readonly number[] {
  return [1, 1 - stride, -stride, -1 - stride, -1, stride - 1, stride, stride + 1]
}

/** Bits of the ring positions that come before the pixel: higher, or as high and earlier in raster order. */
function higherNeighbours(field: Uint8Array, p: number, stride: number, level: number): number {
  const above = p - stride
  const below = p + stride
  return (
    (field[p + 1]! > level ? 1 : 0) |
    (field[above + 1]! >= level ? 2 : 0) |
    (field[above]! >= level ? 4 : 0) |
    (field[above - 1]! >= level ? 8 : 0) |
    (field[p - 1]! >= level ? 16 : 0) |
    (field[below - 1]! > level ? 32 : 0) |
    (field[below]! > level ? 64 : 0) |
    (field[below + 1]! > level ? 128 : 0)
  )
}

function findRoot(parent: Int32Array, pixel: number): number {
  let root = pixel
  while (parent[root] !== root) {
    // Path halving: every step skips one parent for the next search.
    const next = parent[parent[root]!]!
    parent[root] = next
    root = next
  }
  return root
}

/** One position of each group of neighbours that touch each other around the pixel, per ring. */
const groups: readonly (readonly number[])[] = Array.from({ length: 256 }, (_, ring) => {
  const unseen = new Set([0, 1, 2, 3, 4, 5, 6, 7].filter((position) => (ring >> position) & 1))
  const found: number[] = []
  for (const start of unseen) {
    found.push(start)
    const reached = [start]
    for (const position of reached) {
      unseen.delete(position)
      // Neighbours in the ring touch; so do two that share an edge with the pixel, across the corner.
      for (const step of position % 2 === 0 ? [1, 2, 6, 7] : [1, 7])
        if (unseen.has((position + step) % 8)) reached.push((position + step) % 8)
    }
  }
  return found
})
const none = 255
const firstOfGroup = Uint8Array.from(groups, (found) => found[0] ?? none)
const othersOfGroups = groups.map((found) => found.slice(1))
