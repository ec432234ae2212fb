/**
 * Which pixels lie inside a polygon: those whose centre does, by the even-odd rule.
 *
 * Edges are half open, so of two polygons that share an edge every pixel belongs to exactly one.
 */

/** Calls `paint` for each run of pixels `[start, end)` of row `y`; corners are in pixels and may lie outside. */
export function fillPolygon(
  corners: readonly (readonly [number, number])[],
  width: number,
  height: number,
  paint: (y: number, start: number, end: number) => void,
): void {
  for (let y = 0; y < height; y++) {
    const centre = y + 0.5
    const crossings: number[] = []
    for (const [i, [ax, ay]] of corners.entries()) {
      const [bx, by] = corners[(i + 1) % corners.length] ?? [ax, ay]
      if (ay <= centre !== by <= centre) crossings.push(crossAt(ax, ay, bx, by, centre))
    }
    crossings.sort((a, b) => a - b)
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const start = Math.max(0, Math.ceil((crossings[i] ?? 0) - 0.5))
      const end = Math.min(width, Math.ceil((crossings[i + 1] ?? 0) - 0.5))
      if (start < end) paint(y, start, end)
    }
  }
}

/** Where an edge crosses a row: the same number whichever way it is walked. */
function crossAt(ax: number, ay: number, bx: number, by: number, y: number): number {
  if (ay > by) return crossAt(bx, by, ax, ay, y)
  return ax + ((y - ay) / (by - ay)) * (bx - ax)
}
