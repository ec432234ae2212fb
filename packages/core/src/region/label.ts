/**
 * Connected components of a mask: which pixels belong together.
 *
 * Two raster scans with union-find; the first looks only at the neighbours that can join something
 * new (the decision tree of Wu, Otoo and Suzuki 2009). Numbers follow the raster order of each
 * component's first pixel, as in scipy.ndimage.label. OpenCV numbers them differently.
 */

/** 8: pixels touching at a corner belong together (the MVTec evaluation). 4: only along an edge. */
export type Connectivity = 4 | 8

export interface Components {
  /** `[h, w]`: 0 is background, 1 to `count` are components. */
  readonly labels: Int32Array
  readonly count: number
}

/** Numbers the components of non-zero pixels of `mask` `[h, w]`. */
export function labelComponents(
  mask: Uint8Array,
  width: number,
  height: number,
  options: { readonly connectivity?: Connectivity } = {},
): Components {
  const { connectivity = 8 } = options
  if (mask.length !== width * height) {
    throw new Error(`internal: a mask of ${mask.length} pixels is not ${width} x ${height}`)
  }
  const labels = new Int32Array(mask.length)
  const parent = connectivity === 8 ? scan8(mask, labels, width, height) : scan4(mask, labels, width, height)
  // A root is the smallest label of its set, so numbering roots in order keeps the raster order.
  const final = new Int32Array(parent.length)
  let count = 0
  for (let label = 1; label < parent.length; label++) {
    const up = parent[label]!
    final[label] = up === label ? ++count : final[up]!
  }
  if (count > 0) {
    for (let i = 0; i < labels.length; i++) if (labels[i] !== 0) labels[i] = final[labels[i]!]!
  }
  return { labels, count }
}

/** First scan with corners: writes provisional labels, returns the parent of each. */
function scan8(mask: Uint8Array, labels: Int32Array, width: number, height: number): number[] {
  const parent = [0]
  for (let y = 0; y < height; y++) {
    const row = y * width
    for (let x = 0; x < width; x++) {
      const i = row + x
      if (mask[i] === 0) continue
      const above = y > 0 ? labels[i - width]! : 0
      if (above !== 0) {
        labels[i] = above
        continue
      }
      const left = x > 0 ? labels[i - 1]! : 0
      const aboveLeft = y > 0 && x > 0 ? labels[i - width - 1]! : 0
      const aboveRight = y > 0 && x + 1 < width ? labels[i - width + 1]! : 0
      const other = aboveLeft !== 0 ? aboveLeft : left
      if (aboveRight !== 0) labels[i] = other === 0 ? aboveRight : join(parent, aboveRight, other)
      else labels[i] = other === 0 ? parent.push(parent.length) - 1 : other
    }
  }
  return parent
}

/** First scan without corners. */
function scan4(mask: Uint8Array, labels: Int32Array, width: number, height: number): number[] {
  const parent = [0]
  for (let y = 0; y < height; y++) {
    const row = y * width
    for (let x = 0; x < width; x++) {
      const i = row + x
      if (mask[i] === 0) continue
      const above = y > 0 ? labels[i - width]! : 0
      const left = x > 0 ? labels[i - 1]! : 0
      if (above !== 0) labels[i] = left === 0 || left === above ? above : join(parent, above, left)
      else labels[i] = left === 0 ? parent.push(parent.length) - 1 : left
    }
  }
  return parent
}

/** Puts two labels into one set under the smaller root. */
function join(parent: number[], a: number, b: number): number {
  const rootA = findRoot(parent, a)
  const rootB = findRoot(parent, b)
  const [small, large] = rootA < rootB ? [rootA, rootB] : [rootB, rootA]
  parent[large] = small
  return small
}

function findRoot(parent: number[], label: number): number {
  let root = label
  while (parent[root] !== root) {
    // Path halving: every step skips one parent for the next search.
    parent[root] = parent[parent[root]!]!
    root = parent[root]!
  }
  return root
}
