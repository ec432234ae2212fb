/**
 * A turned steel ring with six socket screws on a dark mat, lying at any angle.
 *
 * Turning leaves fine concentric marks, which reflect the lamp as a bow tie across the ring; a raised hub,
 * a groove and bevelled edges catch it on one side and shade the other.
 */
import type { Random } from '../../random.ts'
import { arctangent, cosine, lengthOf, sine } from '../angle.ts'
import { type Colour, createScene, type Light, paint, type Scene, visitAround } from '../scene.ts'
import { coverageOf, distanceToHexagon, smoothstep } from '../shape.ts'
import { drawClouds, drawTexture } from '../texture.ts'
import { hideBody, joinCoverage, type Painted, type PaintOptions } from './product.ts'

const matColour: Colour = [0.022, 0.024, 0.028]
const steel: Colour = [0.4, 0.405, 0.415]
const zinc: Colour = [0.43, 0.41, 0.37]
const screws = 6

/** Missing is one screw, its threaded hole shows; misplaced one that lies loose beside its hole. */
export function paintFlange({ width, height, random, light, fault }: PaintOptions): Painted {
  const side = Math.min(width, height)
  const scene = createScene(width, height, { beneath: [0.006, 0.006, 0.007] })
  paintMat(scene, random)
  const ring: Ring = {
    x: width / 2 + 0.012 * side * random.normal(),
    y: height / 2 + 0.012 * side * random.normal(),
    outer: 0.425 * side * (1 + 0.006 * random.normal()),
    inner: 0.135 * side,
    turn: 2 * Math.PI * random.float64(),
    side,
  }
  dropShadow(scene, ring, light)
  paintRing(scene, ring, random, light)
  const altered = fault === null ? null : new Float32Array(width * height)
  const chosen = fault === null ? -1 : fault.random.integer(screws)
  for (let k = 0; k < screws; k++) {
    const angle = ring.turn + (2 * Math.PI * k) / screws
    const look = {
      x: ring.x + 0.29 * side * cosine(angle),
      y: ring.y + 0.29 * side * sine(angle),
      radius: 0.053 * side,
      turn: Math.PI * random.float64(),
      tone: 1 + 0.05 * random.normal(),
    }
    if (k !== chosen || fault === null) {
      paintScrew(scene, look, light, null)
      continue
    }
    paintThreadedHole(scene, look, altered)
    if (fault.kind === 'misplaced') {
      // Along the circle of screws, so that it stays on the ring.
      const sign = 2 * fault.random.integer(2) - 1
      const towards = angle + sign * (0.13 + 0.2 * fault.random.float64())
      const out = (0.29 + 0.012 * fault.random.normal()) * side
      const moved = { ...look, x: ring.x + out * cosine(towards), y: ring.y + out * sine(towards) }
      paintScrew(scene, moved, light, altered)
    }
  }
  return { scene, altered }
}

interface Ring {
  readonly x: number
  readonly y: number
  readonly outer: number
  readonly inner: number
  readonly turn: number
  readonly side: number
}

function paintMat(scene: Scene, random: Random): void {
  const { width, height } = scene
  const side = Math.min(width, height)
  const clouds = drawClouds(random, width, height, { cell: side / 4, octaves: 6 })
  const grain = drawTexture(random, width, height, { cellX: side / 220, cellY: side / 220 })
  for (let i = 0; i < width * height; i++) {
    paint(scene, i, matColour, 1 + 0.1 * clouds[i]! + 0.16 * grain[i]!, 1)
    scene.relief[i] = (side / 2000) * grain[i]!
    scene.gloss[i] = 0.004
  }
}

/** The mat is darker on the side away from the light. */
function dropShadow(scene: Scene, ring: Ring, light: Light): void {
  const reach = 0.03 * ring.side
  const x = ring.x - light.x * 0.04 * ring.side
  const y = ring.y - light.y * 0.04 * ring.side
  visitAround(scene, x, y, ring.outer + reach, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    const shade =
      smoothstep(ring.outer + reach, ring.outer - reach, r) *
      smoothstep(ring.inner - reach, ring.inner + reach, r)
    paint(scene, i, [0, 0, 0], 1, 0.8 * shade)
  })
}

function paintRing(scene: Scene, ring: Ring, random: Random, light: Light): void {
  const { width, height } = scene
  const { side, outer, inner } = ring
  const clouds = drawClouds(random, width, height, { cell: side / 3, octaves: 4 })
  const marks = drawTurningMarks(random, outer)
  const bevel = 0.012 * side
  visitAround(scene, ring.x, ring.y, outer + 1, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    const inside = Math.min(outer - r, r - inner)
    const coverage = coverageOf(-inside)
    if (coverage === 0) return
    const angle = arctangent(dy, dx)
    const facing = cosine(angle - light.azimuth)
    const bow = facing * facing
    const mark = markAt(marks, r / outer, angle)
    const hub = smoothstep(0.196 * side, 0.188 * side, r)
    const groove = Math.max(0, 1 - Math.abs(r - 0.372 * side) / (0.007 * side))
    const tone =
      (0.62 + 0.55 * bow * bow) * (1 + 0.085 * mark) * (1 + 0.03 * clouds[i]!) * (1 - 0.55 * groove * groove)
    paint(scene, i, steel, tone * (1 - 0.06 * hub), coverage)
    const rim = Math.min(1, Math.max(0, inside) / bevel)
    scene.relief[i] =
      coverage * ((0.55 * rim * (2 - rim) + 0.5 * hub) * bevel - 0.6 * groove * bevel + (side / 2600) * mark)
    scene.gloss[i] = coverage * (0.05 + 0.1 * bow * bow)
    scene.body[i] = coverage
  })
}

/** Places of turning marks from the middle to the outer edge, and all round. */
const rings = 1600
const sectors = 32

/** Brightness of the turning marks by radius and, more slowly, by angle; `outer` is the radius in pixels. */
function drawTurningMarks(random: Random, outer: number): Float32Array {
  const sum = new Float32Array(rings * sectors)
  for (const [cell, along, gain] of tools) {
    const field = drawTexture(random, rings, sectors, { cellX: cell, cellY: along })
    // What is finer than a pixel is averaged by it.
    const left = gain * Math.sqrt(Math.min(1, (cell * outer) / rings / 1.5))
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + left * field[i]!
  }
  return sum
}

/** Widths of marks in places, how far round they keep their brightness, and how strong they are. */
const tools = [
  [2.2, 5, 0.55],
  [6, 7, 0.6],
  [15, 9, 0.6],
  [60, 16, 0.5],
] as const

function markAt(marks: Float32Array, share: number, angle: number): number {
  // Angles run from 0 to 1 and back over the circle, so that the marks close without a seam.
  const place = Math.abs(angle / Math.PI) * (sectors - 2)
  const sector = Math.floor(place)
  const t = place - sector
  const at = Math.min(rings - 2, share * (rings - 2))
  const ring = Math.floor(at)
  const s = at - ring
  const i = sector * rings + ring
  const near = marks[i]! * (1 - s) + marks[i + 1]! * s
  const far = marks[i + rings]! * (1 - s) + marks[i + rings + 1]! * s
  return near * (1 - t) + far * t
}

interface ScrewLook {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly turn: number
  readonly tone: number
}

function paintScrew(scene: Scene, look: ScrewLook, light: Light, altered: Float32Array | null): void {
  const { x, y, radius, turn, tone } = look
  const cos = cosine(turn)
  const sin = sine(turn)
  seat(scene, x, y, radius)
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    const coverage = coverageOf(r - radius)
    if (coverage === 0) return
    const facing = cosine(arctangent(dy, dx) - light.azimuth)
    const edge = smoothstep(radius, 0.82 * radius, r)
    const hexagon = distanceToHexagon(dx * cos - dy * sin, dx * sin + dy * cos, 0.46 * radius)
    const socket = coverageOf(hexagon)
    const floor = coverageOf(hexagon + 0.16 * radius, 0.2 * radius)
    paint(scene, i, zinc, tone * (0.7 + 0.35 * facing * facing), coverage)
    paint(scene, i, [0.02, 0.02, 0.021], 1 + 0.9 * floor, socket)
    scene.relief[i] =
      scene.relief[i]! * (1 - coverage) + coverage * radius * (0.1 + 0.16 * edge - 0.3 * socket)
    scene.gloss[i] = scene.gloss[i]! * (1 - coverage) + coverage * (1 - socket) * 0.2
    hideBody(scene, i, coverage)
    joinCoverage(altered, i, coverage)
  })
}

/** What is altered is the whole head that should cover the hole. */
function paintThreadedHole(scene: Scene, look: ScrewLook, altered: Float32Array | null): void {
  const { x, y, radius } = look
  const bore = 0.6 * radius
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    hideBody(scene, i, coverageOf(r - radius))
    joinCoverage(altered, i, coverageOf(r - radius))
    const hole = coverageOf(r - bore)
    const chamfer = coverageOf(r - 1.18 * bore) - hole
    const thread = 0.5 + 0.5 * sine((r / bore) * 20)
    paint(scene, i, steel, 0.55, chamfer)
    paint(scene, i, scene.material.beneath, 1 + 3 * thread * smoothstep(0.5 * bore, bore, r), hole)
    scene.relief[i] = scene.relief[i]! - radius * (0.12 * chamfer + 0.4 * hole)
    scene.gloss[i] = scene.gloss[i]! * (1 - hole)
  })
}

/** The ring is darker close around a screw head. */
function seat(scene: Scene, x: number, y: number, radius: number): void {
  visitAround(scene, x, y, 1.3 * radius, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    paint(scene, i, [0, 0, 0], 1, 0.5 * smoothstep(1.25 * radius, 0.98 * radius, r))
  })
}
