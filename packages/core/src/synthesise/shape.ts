/**
 * Shapes as signed distances in pixels, negative inside, and their coverage of a pixel.
 *
 * Distances after I. Quilez's collection of two-dimensional distance functions; edges one pixel wide
 * come out of them free of steps at any resolution.
 */
import { lengthOf } from './angle.ts'

export function smoothstep(from: number, to: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

/** How much of a pixel lies inside a shape at this distance, 0 to 1. `soft` widens the edge. */
export function coverageOf(distance: number, soft = 1): number {
  return Math.min(1, Math.max(0, 0.5 - distance / soft))
}

/** Distance from a box centred at the origin with rounded corners. */
export function distanceToBox(x: number, y: number, halfX: number, halfY: number, corner: number): number {
  const dx = Math.abs(x) - halfX + corner
  const dy = Math.abs(y) - halfY + corner
  const outside = lengthOf(Math.max(dx, 0), Math.max(dy, 0))
  return outside + Math.min(0, Math.max(dx, dy)) - corner
}

/** Distance from a regular hexagon centred at the origin whose flat sides lie at `apothem`. */
export function distanceToHexagon(x: number, y: number, apothem: number): number {
  const ax = Math.abs(x)
  const ay = Math.abs(y)
  return Math.max(ax * 0.8660254037844386 + ay * 0.5, ay) - apothem
}

/** Distance from a segment, and how far along it (0 to 1) the nearest point lies. */
export function distanceToSegment(
  x: number,
  y: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
): { readonly distance: number; readonly along: number } {
  const dx = bx - ax
  const dy = by - ay
  const length2 = dx * dx + dy * dy
  const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length2))
  return { distance: lengthOf(x - ax - along * dx, y - ay - along * dy), along }
}
