/** How a circuit board lies in the picture, the colours of its materials, and print on it. */
import { type Colour, paint, type Scene, visitAround } from '../scene.ts'
import { coverageOf } from '../shape.ts'
import { letterDistance } from './lettering.ts'

export const print: Colour = [0.62, 0.64, 0.6]
export const tin: Colour = [0.5, 0.5, 0.49]
export const gold: Colour = [0.62, 0.47, 0.2]
export const epoxy: Colour = [0.016, 0.016, 0.017]

export interface View {
  readonly scene: Scene
  /** Design coordinates are shares of this many pixels, from the middle of the board. */
  readonly side: number
  readonly x: number
  readonly y: number
  readonly cos: number
  readonly sin: number
}

/** Visits pixels around a point of the design, with offsets along the board's own axes in pixels. */
export function visitBoard(
  view: View,
  x: number,
  y: number,
  reach: number,
  visit: (i: number, along: number, across: number) => void,
): void {
  const { scene, side, cos, sin } = view
  const px = view.x + (x * cos - y * sin) * side
  const py = view.y + (x * sin + y * cos) * side
  visitAround(scene, px, py, reach * side + 1, (i, dx, dy) =>
    visit(i, dx * cos + dy * sin, dy * cos - dx * sin),
  )
}

/** A row of print around a point. */
export function paintLabel(view: View, x: number, y: number, letters: number): void {
  visitBoard(view, x, y, (letters * 0.02) / 2 + 0.02, (i, along, across) => {
    paint(
      view.scene,
      i,
      print,
      1,
      0.9 * lettering(along / view.side, across / view.side, letters, 0.02, view.side),
    )
  })
}

/** Coverage of a row of signs around the origin; `pitch` is the width of one. */
export function lettering(u: number, v: number, letters: number, pitch: number, side: number): number {
  return coverageOf(letterDistance(u, v, letters, pitch) * side)
}
