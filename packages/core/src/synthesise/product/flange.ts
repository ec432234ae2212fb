/**
 * A turned steel ring with six socket screws on a dark mat, lying at any angle.
 *
 * Turning leaves fine concentric marks, which reflect the lamp as a bow tie across the ring; a raised hub,
 * a groove and bevelled edges catch it on one side and shade the other.
 */
import type { Random } from '../../random.ts'
import { drawClouds, drawNoise } from '../noise.ts'
import { type Colour, createScene, type Light, paint, type Scene, visitAround } from '../scene.ts'
import { coverageOf, distanceToHexagon, smoothstep } from '../shape.ts'
import type { Painted } from './product.ts'

const matColour: Colour = [0.022, 0.024, 0.028]
const steel: Colour = [0.4, 0.405, 0.415]
const zinc: Colour = [0.43, 0.41, 0.37]
const screws = 6

/** Missing is one screw; its threaded hole shows. */
export function paintFlange(
  width: number,
  height: number,
  random: Random,
  light: Light,
  missing: number | null,
): Painted {
  const side = Math.min(width, height)
  const scene = createScene(width, height, [0.006, 0.006, 0.007])
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
  const left = missing === null ? -1 : Math.floor(missing * screws)
  const absent = missing === null ? null : new Float32Array(width * height)
  for (let k = 0; k < screws; k++) {
    const angle = ring.turn + (2 * Math.PI * k) / screws
    const x = ring.x + 0.29 * side * Math.cos(angle)
    const y = ring.y + 0.29 * side * Math.sin(angle)
    const look = {
      x,
      y,
      radius: 0.053 * side,
      turn: Math.PI * random.float64(),
      tone: 1 + 0.05 * random.normal(),
    }
    if (k === left && absent !== null) paintThreadedHole(scene, look, absent)
    else paintScrew(scene, look, light)
  }
  return { scene, missing: absent }
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
  const clouds = drawClouds(random, width, height, { cell: side / 4, octaves: 5 })
  const grain = drawNoise(random, width, height, { cellX: side / 200, cellY: side / 200 })
  for (let i = 0; i < width * height; i++) {
    paint(scene, i, matColour, 1 + 0.1 * clouds[i]! + 0.16 * grain[i]!, 1)
    scene.relief[i] = 0.16 * grain[i]!
    scene.gloss[i] = 0.004
  }
}

/** The mat is darker on the side away from the light. */
function dropShadow(scene: Scene, ring: Ring, light: Light): void {
  const reach = 0.03 * ring.side
  const x = ring.x - light.x * 0.04 * ring.side
  const y = ring.y - light.y * 0.04 * ring.side
  visitAround(scene, x, y, ring.outer + reach, (i, dx, dy) => {
    const r = Math.sqrt(dx * dx + dy * dy)
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
  const marks = drawTurningMarks(random, Math.ceil(outer * marksPerPixel) + 4)
  const bevel = 0.012 * side
  visitAround(scene, ring.x, ring.y, outer + 1, (i, dx, dy) => {
    const r = Math.sqrt(dx * dx + dy * dy)
    const inside = Math.min(outer - r, r - inner)
    const coverage = coverageOf(-inside)
    if (coverage === 0) return
    const angle = Math.atan2(dy, dx)
    const facing = Math.cos(angle - light.azimuth)
    const bow = facing * facing
    const mark = markAt(marks, r, angle)
    const hub = smoothstep(0.196 * side, 0.188 * side, r)
    const groove = Math.max(0, 1 - Math.abs(r - 0.372 * side) / (0.007 * side))
    const tone =
      (0.62 + 0.55 * bow * bow) * (1 + 0.085 * mark) * (1 + 0.03 * clouds[i]!) * (1 - 0.55 * groove * groove)
    paint(scene, i, steel, tone * (1 - 0.06 * hub), coverage)
    const rim = Math.min(1, Math.max(0, inside) / bevel)
    scene.relief[i] =
      coverage * ((0.55 * rim * (2 - rim) + 0.5 * hub) * bevel - 0.6 * groove * bevel + 0.12 * mark)
    scene.gloss[i] = coverage * (0.05 + 0.1 * bow * bow)
    scene.body[i] = coverage
  })
}

const marksPerPixel = 1.2
const sectors = 32

/** Brightness of the turning marks by radius and, more slowly, by angle. */
function drawTurningMarks(random: Random, rings: number): { values: Float32Array; rings: number } {
  const fine = drawNoise(random, rings, sectors, { cellX: 1.6, cellY: 7 })
  const broad = drawNoise(random, rings, sectors, { cellX: 9, cellY: 16 })
  return { values: fine.map((value, i) => 0.8 * value + 0.6 * broad[i]!), rings }
}

function markAt(marks: { values: Float32Array; rings: number }, radius: number, angle: number): number {
  // Angles run from 0 to 1 and back over the circle, so that the marks close without a seam.
  const place = Math.abs(angle / Math.PI) * (sectors - 2)
  const sector = Math.floor(place)
  const t = place - sector
  const at = radius * marksPerPixel
  const ring = Math.floor(at)
  const s = at - ring
  const i = sector * marks.rings + ring
  const near = marks.values[i]! * (1 - s) + marks.values[i + 1]! * s
  const far = marks.values[i + marks.rings]! * (1 - s) + marks.values[i + marks.rings + 1]! * s
  return near * (1 - t) + far * t
}

interface ScrewLook {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly turn: number
  readonly tone: number
}

function paintScrew(scene: Scene, look: ScrewLook, light: Light): void {
  const { x, y, radius, turn, tone } = look
  const cos = Math.cos(turn)
  const sin = Math.sin(turn)
  seat(scene, x, y, radius)
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    const r = Math.sqrt(dx * dx + dy * dy)
    const coverage = coverageOf(r - radius)
    if (coverage === 0) return
    const facing = Math.cos(Math.atan2(dy, dx) - light.azimuth)
    const edge = smoothstep(radius, 0.82 * radius, r)
    const hexagon = distanceToHexagon(dx * cos - dy * sin, dx * sin + dy * cos, 0.46 * radius)
    const socket = coverageOf(hexagon)
    const floor = coverageOf(hexagon + 0.16 * radius, 0.2 * radius)
    paint(scene, i, zinc, tone * (0.7 + 0.35 * facing * facing), coverage)
    paint(scene, i, [0.02, 0.02, 0.021], 1 + 0.9 * floor, socket)
    scene.relief[i] =
      scene.relief[i]! * (1 - coverage) + coverage * radius * (0.1 + 0.16 * edge - 0.3 * socket)
    scene.gloss[i] = coverage * (1 - socket) * 0.2
  })
}

function paintThreadedHole(scene: Scene, look: ScrewLook, absent: Float32Array): void {
  const { x, y, radius } = look
  const bore = 0.6 * radius
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    const r = Math.sqrt(dx * dx + dy * dy)
    absent[i] = coverageOf(r - radius)
    const hole = coverageOf(r - bore)
    const chamfer = coverageOf(r - 1.18 * bore) - hole
    const thread = 0.5 + 0.5 * Math.sin((r / bore) * 20)
    paint(scene, i, steel, 0.55, chamfer)
    paint(scene, i, scene.beneath, 1 + 3 * thread * smoothstep(0.5 * bore, bore, r), hole)
    scene.relief[i] = scene.relief[i]! - radius * (0.12 * chamfer + 0.4 * hole)
    scene.gloss[i] = scene.gloss[i]! * (1 - hole)
  })
}

/** The ring is darker close around a screw head. */
function seat(scene: Scene, x: number, y: number, radius: number): void {
  visitAround(scene, x, y, 1.3 * radius, (i, dx, dy) => {
    const r = Math.sqrt(dx * dx + dy * dy)
    paint(scene, i, [0, 0, 0], 1, 0.5 * smoothstep(1.25 * radius, 0.98 * radius, r))
  })
}
