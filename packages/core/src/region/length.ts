/** The length of a region: the largest distance between two corners of its pixels (Feret's diameter). */

/** `rows` holds for each row of the region its number, its first and its last pixel. In pixels. */
export function longestExtent(rows: readonly (readonly [y: number, first: number, last: number])[]): number {
  const corners: (readonly [number, number])[] = rows.flatMap(([y, first, last]) => [
    [first, y] as const,
    [first, y + 1] as const,
    [last + 1, y] as const,
    [last + 1, y + 1] as const,
  ])
  const hull = convexHull(corners)
  let longest = 0
  for (const [i, [ax, ay]] of hull.entries())
    for (const [bx, by] of hull.slice(i + 1)) longest = Math.max(longest, Math.hypot(ax - bx, ay - by))
  return longest
}

/** Monotone chain (Andrew 1979): the corners of the hull, in order around it. */
function convexHull(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const sorted = points.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
  const half = (ordered: readonly (readonly [number, number])[]): (readonly [number, number])[] => {
    const chain: (readonly [number, number])[] = []
    for (const point of ordered) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop()
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.toReversed())]
}

function turn(
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
  [cx, cy]: readonly [number, number],
): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
}
