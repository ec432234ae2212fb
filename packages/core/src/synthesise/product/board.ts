/**
 * A small circuit board, always the same design: two chips, a can capacitor, two rows of chip
 * resistors and capacitors, a pin header, traces and print on green lacquer.
 *
 * What changes from board to board is where each part was set down and how it was soldered, the turn of
 * the board and the tone of lacquer and bodies.
 */
import { createRandom, type Random } from '../../random.ts'
import { cosine, lengthOf, sine } from '../angle.ts'
import { type Colour, createScene, type Light, paint } from '../scene.ts'
import { coverageOf, distanceToBox, distanceToSegment, smoothstep } from '../shape.ts'
import { drawClouds, drawTexture } from '../texture.ts'
import { paintCan, paintChip, paintPart, paintPin, type SmallPart } from './board-component.ts'
import { gold, paintLabel, tin, type View, visitBoard } from './board-view.ts'
import type { Painted, PaintOptions } from './product.ts'

const tray: Colour = [0.05, 0.048, 0.046]
const lacquer: Colour = [0.014, 0.095, 0.042]
/** Broken glass fibre. */
const glass: Colour = [0.4, 0.37, 0.24]

/** Missing is one chip resistor or capacitor, its pads show; misplaced one that slid and turned. */
export function paintBoard({ width, height, random, light, fault }: PaintOptions): Painted {
  const side = Math.min(width, height * 1.12)
  const scene = createScene(width, height, { beneath: [0.03, 0.026, 0.018], inside: glass })
  const turn = 0.025 * random.normal()
  const view: View = {
    scene,
    side,
    x: width / 2 + 0.008 * side * random.normal(),
    y: height / 2 + 0.008 * side * random.normal(),
    cos: cosine(turn),
    sin: sine(turn),
  }
  paintLacquer(view, random, light)
  for (const trace of design.traces) paintTrace(view, trace)
  for (const via of design.vias) paintRing(view, via.x, via.y, 0.009, 0.0042, tin)
  for (const [x, y] of corners) paintRing(view, x, y, 0.03, 0.018, gold)
  for (let pin = 0; pin < 7; pin++) paintPin(view, -0.4, -0.18 + 0.06 * pin, random)
  paintLabel(view, -0.14, 0.345, 15)
  paintLabel(view, 0.26, -0.345, 9)
  paintChip(view, { x: -0.06, y: -0.01, half: 0.115, pins: 11, sides: 4 }, random)
  paintChip(view, { x: 0.27, y: -0.17, half: 0.06, pins: 5, sides: 2 }, random)
  paintCan(view, 0.27, 0.16, random, light)
  const altered = fault === null ? null : new Float32Array(width * height)
  const chosen = fault === null ? -1 : fault.random.integer(design.parts.length)
  for (const [k, part] of design.parts.entries())
    paintPart(view, part, random, k === chosen ? fault : null, altered)
  return { scene, altered }
}

interface Trace {
  readonly points: readonly (readonly [number, number])[]
}

const halfX = 0.465
const halfY = 0.41
const corners = [
  [-0.415, -0.36],
  [0.415, -0.36],
  [-0.415, 0.36],
  [0.415, 0.36],
] as const

const design = drawDesign()

/** The one layout: parts in rows by hand, traces and vias from a fixed stream. */
function drawDesign(): { parts: SmallPart[]; traces: Trace[]; vias: { x: number; y: number }[] } {
  const random = createRandom(1, 'board design')
  const resistor = { body: [0.02, 0.021, 0.024] as Colour, marked: true }
  const capacitor = { body: [0.36, 0.24, 0.13] as Colour, marked: false }
  const parts: SmallPart[] = []
  for (let k = 0; k < 6; k++)
    parts.push({ x: -0.29 + 0.095 * k, y: -0.27, upright: true, ...(k % 3 === 2 ? capacitor : resistor) })
  for (let k = 0; k < 5; k++)
    parts.push({ x: -0.29 + 0.095 * k, y: 0.25, upright: true, ...(k % 2 === 1 ? capacitor : resistor) })
  for (let k = 0; k < 3; k++) parts.push({ x: -0.3, y: -0.1 + 0.09 * k, upright: false, ...capacitor })
  parts.push({ x: 0.14, y: 0.05, upright: false, ...resistor }, { x: 0.4, y: 0, upright: true, ...capacitor })
  const traces: Trace[] = []
  const vias: { x: number; y: number }[] = []
  for (let k = 0; k < 34; k++) {
    const x = -0.38 + 0.76 * random.float64()
    const y = -0.33 + 0.66 * random.float64()
    const slant = (random.integer(2) * 2 - 1) * (0.02 + 0.05 * random.float64())
    const run = (random.integer(2) * 2 - 1) * (0.05 + 0.22 * random.float64())
    const flat = random.integer(2) === 0
    const clampX = (value: number): number => Math.max(-0.43, Math.min(0.43, value))
    const clampY = (value: number): number => Math.max(-0.375, Math.min(0.375, value))
    const middle = flat ? ([clampX(x + run), y] as const) : ([x, clampY(y + run)] as const)
    const bent = [clampX(middle[0] + Math.abs(slant) * Math.sign(run)), clampY(middle[1] + slant)] as const
    const end = flat
      ? ([clampX(bent[0] + run * 0.5), bent[1]] as const)
      : ([bent[0], clampY(bent[1] + run * 0.5)] as const)
    traces.push({ points: [[x, y], middle, bent, end] })
    vias.push({ x, y }, { x: end[0], y: end[1] })
  }
  return { parts, traces, vias }
}

function paintLacquer(view: View, random: Random, light: Light): void {
  const { scene, side, cos, sin } = view
  const { width, height } = scene
  const clouds = drawClouds(random, width, height, { cell: side / 3, octaves: 4 })
  const weave = drawTexture(random, width, height, { cellX: side / 240, cellY: side / 240 })
  const tone = 1 + 0.06 * random.normal()
  const shadowX = -light.x * 0.025 * side
  const shadowY = -light.y * 0.025 * side
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = (x + 0.5 - view.x) * cos + (y + 0.5 - view.y) * sin
      const v = (y + 0.5 - view.y) * cos - (x + 0.5 - view.x) * sin
      const distance = distanceToBox(u, v, halfX * side, halfY * side, 0.012 * side)
      const coverage = coverageOf(distance)
      if (coverage < 1) {
        const shadow = distanceToBox(u - shadowX, v - shadowY, halfX * side, halfY * side, 0.012 * side)
        const shade = smoothstep(0.02 * side, -0.015 * side, shadow)
        paint(scene, i, tray, (1 + 0.06 * clouds[i]! + 0.06 * weave[i]!) * (1 - 0.75 * shade), 1)
      }
      paint(scene, i, lacquer, tone * (1 + 0.05 * clouds[i]! + 0.03 * weave[i]!), coverage)
      scene.relief[i] = coverage * (0.006 * side + (side / 14_000) * weave[i]!)
      scene.gloss[i] = coverage * 0.05
      scene.body[i] = coverage
    }
  }
}

function paintTrace(view: View, trace: Trace): void {
  const { scene, side } = view
  const half = 0.0042
  for (let k = 1; k < trace.points.length; k++) {
    const [ax, ay] = trace.points[k - 1]!
    const [bx, by] = trace.points[k]!
    const x = (ax + bx) / 2
    const y = (ay + by) / 2
    const reach = lengthOf(bx - ax, by - ay) / 2 + half
    visitBoard(view, x, y, reach, (i, along, across) => {
      const { distance } = distanceToSegment(along / side, across / side, ax - x, ay - y, bx - x, by - y)
      const coverage = coverageOf((distance - half) * side)
      if (coverage === 0) return
      // Copper under lacquer: a lighter green, a little raised. Joints of pieces are not raised twice.
      paint(scene, i, [0.028, 0.17, 0.078], 1, 0.8 * coverage)
      scene.relief[i] = Math.max(scene.relief[i]!, (0.006 + 0.0022 * coverage) * side)
    })
  }
}

function paintRing(view: View, x: number, y: number, outer: number, inner: number, metal: Colour): void {
  const { scene, side } = view
  visitBoard(view, x, y, outer, (i, along, across) => {
    const r = lengthOf(along, across)
    const ring = coverageOf(r - outer * side)
    const hole = coverageOf(r - inner * side)
    paint(scene, i, metal, 0.85, ring)
    paint(scene, i, scene.material.beneath, 0.5, hole)
    scene.gloss[i] = scene.gloss[i]! + ring * (1 - hole) * 0.15
    scene.relief[i] = scene.relief[i]! + side * (0.002 * ring - 0.006 * hole)
  })
}
