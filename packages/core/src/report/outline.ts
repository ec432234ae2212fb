/**
 * Turns a mask into the outline of its regions, as the path data of an SVG.
 *
 * The boundary is followed along the edges of pixels with the region on the right hand, so outer
 * outlines and the outlines of holes run in opposite directions and fill correctly. Pixels that touch at
 * a corner belong together, as regions are 8-connected. Optional simplification is that of Douglas and
 * Peucker (1973).
 */

export interface OutlineOptions {
  /** Largest deviation of the simplified outline in pixels of the mask; 0 keeps every corner. */
  readonly tolerancePx?: number
  /** At most so many closed outlines, the largest ones. */
  readonly atMost?: number
}

/** Path data in pixels of the mask; `mask` is 0 or non-zero, `[height, width]`. Empty for an empty mask. */
export function outlineMask(
  mask: Uint8Array,
  width: number,
  height: number,
  options: OutlineOptions = {},
): string {
  const { tolerancePx = 0, atMost = 500 } = options
  const loops = traceLoops(mask, width, height)
  if (loops.length > atMost) {
    loops.sort((a, b) => Math.abs(signedArea(b)) - Math.abs(signedArea(a)))
    loops.length = atMost
  }
  return loops.map((loop) => toPath(tolerancePx > 0 ? simplifyLoop(loop, tolerancePx) : loop)).join('')
}

/** Corners of one closed outline: x and y in turn. */
type Loop = number[]

const stepX = [1, 0, -1, 0] as const
const stepY = [0, 1, 0, -1] as const

function traceLoops(mask: Uint8Array, width: number, height: number): Loop[] {
  if (mask.length !== width * height) {
    throw new Error(`internal: a mask of ${mask.length} values is not ${width} x ${height}`)
  }
  const isInside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] !== 0
  /** Pixels whose upper edge has been walked; every closed outline has at least one such edge. */
  const walked = new Uint8Array(mask.length)
  const loops: Loop[] = []
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0 || walked[i] === 1 || (i >= width && mask[i - width] !== 0)) continue
    loops.push(followEdge(i % width, Math.floor(i / width), isInside, walked, width))
  }
  return loops
}

/** Walks from the upper left corner of pixel (x0, y0) to the right, until it is back. */
function followEdge(
  x0: number,
  y0: number,
  isInside: (x: number, y: number) => boolean,
  walked: Uint8Array,
  width: number,
): Loop {
  const loop: Loop = []
  let x = x0
  let y = y0
  let direction = 0
  do {
    if (direction === 0) walked[y * width + x] = 1
    x += stepX[direction]!
    y += stepY[direction]!
    // The pixels ahead of this corner, on the left and on the right hand.
    const left = isInside(x + aheadLeftX[direction]!, y + aheadLeftY[direction]!)
    const right = isInside(x + aheadRightX[direction]!, y + aheadRightY[direction]!)
    const turned = left ? (direction + 3) % 4 : right ? direction : (direction + 1) % 4
    if (turned !== direction) loop.push(x, y)
    direction = turned
  } while (x !== x0 || y !== y0 || direction !== 0)
  return loop
}

const aheadLeftX = [0, 0, -1, -1] as const
const aheadLeftY = [-1, 0, 0, -1] as const
const aheadRightX = [0, -1, -1, 0] as const
const aheadRightY = [0, 0, -1, -1] as const

/** Area inside a closed outline, negative for holes. */
function signedArea(loop: Loop): number {
  let twice = 0
  for (let i = 0; i < loop.length; i += 2) {
    const j = (i + 2) % loop.length
    twice += loop[i]! * loop[j + 1]! - loop[j]! * loop[i + 1]!
  }
  return twice / 2
}

function simplifyLoop(loop: Loop, tolerance: number): Loop {
  const count = loop.length / 2
  if (count <= 4) return loop
  // The corner farthest from the first splits the loop into two lines that can be simplified.
  let far = 0
  let farthest = -1
  for (let i = 1; i < count; i++) {
    const d = Math.hypot(loop[2 * i]! - loop[0]!, loop[2 * i + 1]! - loop[1]!)
    if (d > farthest) [far, farthest] = [i, d]
  }
  const keep = new Uint8Array(count + 1)
  keep[0] = keep[far] = keep[count] = 1
  const open: [number, number][] = [
    [0, far],
    [far, count],
  ]
  for (let span = open.pop(); span !== undefined; span = open.pop()) {
    const [from, to] = span
    const { index, distance } = farthestBetween(loop, from, to)
    if (distance <= tolerance) continue
    keep[index] = 1
    open.push([from, index], [index, to])
  }
  const simple: Loop = []
  for (let i = 0; i < count; i++) if (keep[i] === 1) simple.push(loop[2 * i]!, loop[2 * i + 1]!)
  // Fewer than three corners enclose nothing; such a small outline is kept as it is.
  return simple.length >= 6 ? simple : loop
}

function farthestBetween(loop: Loop, from: number, to: number): { index: number; distance: number } {
  const at = (i: number): [number, number] => [loop[(2 * i) % loop.length]!, loop[(2 * i + 1) % loop.length]!]
  const [ax, ay] = at(from)
  const [bx, by] = at(to)
  const length = Math.hypot(bx - ax, by - ay)
  let index = from
  let distance = 0
  for (let i = from + 1; i < to; i++) {
    const [x, y] = at(i)
    const d =
      length === 0
        ? Math.hypot(x - ax, y - ay)
        : Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length
    if (d > distance) [index, distance] = [i, d]
  }
  return { index, distance }
}

function toPath(loop: Loop): string {
  let path = `M${loop[0]} ${loop[1]}`
  for (let i = 2; i < loop.length; i += 2) path += `L${loop[i]} ${loop[i + 1]}`
  return `${path}Z`
}
