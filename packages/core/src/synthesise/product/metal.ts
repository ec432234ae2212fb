/**
 * A brushed aluminium face plate: six rivets, a round and a slotted opening, an etched scale and number.
 *
 * Brushing leaves streaks of every width and length along the plate, which reflect the lamp as a broad band
 * across it. Streaks, band, rivets and where the plate lies differ from part to part; the design does not.
 */
import type { Random } from '../../random.ts'
import { arctangent, cosine, lengthOf, sine } from '../angle.ts'
import { type Colour, createScene, type Light, paint, type Scene, visitAround } from '../scene.ts'
import { coverageOf, distanceToBox, smoothstep } from '../shape.ts'
import { drawClouds, drawTexture } from '../texture.ts'
import { letterDistance } from './lettering.ts'
import { hideBody, joinCoverage, type Painted, type PaintOptions } from './product.ts'

const bench: Colour = [0.026, 0.025, 0.024]
const aluminium: Colour = [0.44, 0.445, 0.45]
const rivetColour: Colour = [0.4, 0.385, 0.36]
const etching: Colour = [0.05, 0.05, 0.052]

/** Where the rivets are, as shares of the plate's half width and half height. */
const rivets = [-0.91, 0, 0.91].flatMap((x) => [-0.83, 0.83].map((y) => [x, y] as const))

/** Missing is one rivet; misplaced one set beside its bore. */
export function paintMetal({ width, height, random, light, fault }: PaintOptions): Painted {
  const side = Math.min(width, height)
  const turn = 0.018 * random.normal()
  const scene = createScene(width, height, {
    beneath: [0.008, 0.008, 0.009],
    grain: { direction: turn, leadsCracks: false },
  })
  const plate: Plate = {
    scene,
    side,
    x: width / 2 + 0.009 * side * random.normal(),
    y: height / 2 + 0.009 * side * random.normal(),
    cos: cosine(turn),
    sin: sine(turn),
    halfX: width / 2 - 0.06 * side,
    halfY: height / 2 - 0.06 * side,
  }
  paintPlate(plate, random, light)
  const altered = fault === null ? null : new Float32Array(width * height)
  const chosen = fault === null ? -1 : fault.random.integer(rivets.length)
  for (const [k, [x, y]] of rivets.entries()) {
    const home = placeOn(plate, x * plate.halfX, y * plate.halfY)
    const look: Rivet = {
      x: home.x + 0.0012 * side * random.normal(),
      y: home.y + 0.0012 * side * random.normal(),
      radius: 0.026 * side * (1 + 0.012 * random.normal()),
      tone: 1 + 0.05 * random.normal(),
    }
    if (k !== chosen || fault === null) {
      paintRivet(scene, look, light, null)
      continue
    }
    paintBore(scene, look, altered)
    if (fault.kind === 'misplaced') {
      const away = look.radius * (0.55 + 1.1 * fault.random.float64())
      // Towards the middle of the plate, give or take, so that it stays on it.
      const towards = arctangent(plate.y - home.y, plate.x - home.x) + 0.6 * fault.random.normal()
      const moved = { ...look, x: look.x + away * cosine(towards), y: look.y + away * sine(towards) }
      paintRivet(scene, moved, light, altered)
    }
  }
  return { scene, altered }
}

interface Plate {
  readonly scene: Scene
  readonly side: number
  readonly x: number
  readonly y: number
  readonly cos: number
  readonly sin: number
  readonly halfX: number
  readonly halfY: number
}

interface Rivet {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly tone: number
}

function placeOn(plate: Plate, u: number, v: number): { x: number; y: number } {
  return { x: plate.x + u * plate.cos - v * plate.sin, y: plate.y + u * plate.sin + v * plate.cos }
}

function paintPlate(plate: Plate, random: Random, light: Light): void {
  const { scene, side, cos, sin, halfX, halfY } = plate
  const { width, height } = scene
  const streaks = drawStreaks(random, width, height, side)
  const clouds = drawClouds(random, width, height, { cell: side / 2, octaves: 4 })
  const grain = drawTexture(random, width, height, { cellX: side / 260, cellY: side / 260 })
  // The lamp in the brushing: a band across it, where it falls differs with lamp and plate.
  const band = { at: light.x * 0.25 * side + 0.12 * side * random.normal(), width: 0.42 * side }
  const shadowX = -light.x * 0.02 * side
  const shadowY = -light.y * 0.02 * side
  const corner = 0.03 * side
  const bevel = 0.009 * side
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const dx = x + 0.5 - plate.x
      const dy = y + 0.5 - plate.y
      const u = dx * cos + dy * sin
      const v = dy * cos - dx * sin
      const edge = Math.max(distanceToBox(u, v, halfX, halfY, corner), -openingDistance(plate, u, v))
      const coverage = coverageOf(edge)
      if (coverage < 1) {
        const su = u - shadowX
        const sv = v - shadowY
        const over = Math.max(distanceToBox(su, sv, halfX, halfY, corner), -openingDistance(plate, su, sv))
        const shade = smoothstep(0.012 * side, -0.01 * side, over)
        paint(scene, i, bench, (1 + 0.08 * clouds[i]! + 0.12 * grain[i]!) * (1 - 0.8 * shade), 1)
        scene.gloss[i] = 0.003
      }
      if (coverage === 0) continue
      const t = (u + 0.15 * v - band.at) / band.width
      const glow = 1 / (1 + t * t * (1 + t * t))
      const streak = streaks[i]!
      const tone = (0.58 + 0.34 * glow) * (1 + 0.13 * streak) * (1 + 0.03 * clouds[i]!)
      paint(scene, i, aluminium, tone, coverage)
      const inward = Math.min(1, Math.max(0, -edge) / bevel)
      const depth = etched(plate, u, v)
      paint(scene, i, etching, 1 + 0.15 * streak, 0.82 * depth * coverage)
      scene.relief[i] =
        coverage * (0.5 * bevel * inward * (2 - inward) + (side / 900) * (0.1 * streak - 0.5 * depth))
      scene.gloss[i] = coverage * (0.03 + 0.09 * glow) * (1 - 0.7 * depth)
      scene.body[i] = coverage
    }
  }
}

/** Brush marks: streaks of all widths, each as long as a stroke of its width would be. */
function drawStreaks(random: Random, width: number, height: number, side: number): Float32Array {
  const sum = new Float32Array(width * height)
  for (const [across, along, gain] of strokes) {
    const field = drawTexture(random, width, height, { cellX: side * along, cellY: side * across })
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + gain * field[i]!
  }
  return sum
}

const strokes = [
  [1 / 40, 1.2, 0.25],
  [1 / 140, 0.5, 0.4],
  [1 / 420, 0.25, 0.6],
  [1 / 1000, 0.14, 0.7],
  [1 / 2200, 0.08, 0.7],
] as const

/** Distance from the nearer of the two openings: a bore on the left, a slot on the right. */
function openingDistance({ side }: Plate, u: number, v: number): number {
  const bore = lengthOf(u + 0.17 * side, v + 0.08 * side) - 0.115 * side
  const slot = distanceToBox(u - 0.2 * side, v + 0.08 * side, 0.14 * side, 0.035 * side, 0.035 * side)
  return Math.min(bore, slot)
}

/** Share of the surface that is etched away: a scale under the openings and a number beside it. */
function etched({ side }: Plate, u: number, v: number): number {
  const s = u / side
  const t = v / side
  if (t < 0.14 || t > 0.34) return 0
  const tick = Math.round((s + 0.3) / 0.015)
  let distance = Math.abs(t - 0.165) - 0.0011
  distance = Math.max(distance, Math.abs(s) - 0.302)
  if (tick >= 0 && tick <= 40) {
    const long = tick % 10 === 0 ? 0.045 : tick % 5 === 0 ? 0.033 : 0.022
    const mark = Math.max(
      Math.abs(s + 0.3 - tick * 0.015) - 0.0012,
      Math.abs(t - 0.165 - long / 2) - long / 2,
    )
    distance = Math.min(distance, mark)
  }
  distance = Math.min(distance, letterDistance(s, t - 0.28, 12, 0.03))
  return coverageOf(distance * side)
}

function paintRivet(scene: Scene, rivet: Rivet, light: Light, altered: Float32Array | null): void {
  const { x, y, radius, tone } = rivet
  const shadowX = x - light.x * 0.35 * radius
  const shadowY = y - light.y * 0.35 * radius
  visitAround(scene, shadowX, shadowY, 1.35 * radius, (i, dx, dy) => {
    paint(scene, i, [0, 0, 0], 1, 0.6 * smoothstep(1.3 * radius, 0.85 * radius, lengthOf(dx, dy)))
  })
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    const coverage = coverageOf(r - radius)
    if (coverage === 0) return
    const t = Math.min(1, r / radius)
    const dimple = coverageOf(r - 0.3 * radius, 0.12 * radius)
    const ring = Math.max(0, 1 - Math.abs(t - 0.3) / 0.1)
    paint(scene, i, rivetColour, tone * (1 - 0.3 * dimple) * (1 - 0.2 * ring), coverage)
    const dome = Math.sqrt(Math.max(0, 1 - 0.82 * t * t))
    scene.relief[i] =
      scene.relief[i]! * (1 - coverage) + coverage * radius * (0.5 * dome - 0.12 * dimple + 0.05)
    scene.gloss[i] = scene.gloss[i]! * (1 - coverage) + 0.28 * coverage
    hideBody(scene, i, coverage)
    joinCoverage(altered, i, coverage)
  })
}

/** The drilled hole under a rivet; what is altered is the whole head that should cover it. */
function paintBore(scene: Scene, rivet: Rivet, altered: Float32Array | null): void {
  const { x, y, radius } = rivet
  const bore = 0.62 * radius
  visitAround(scene, x, y, radius + 1, (i, dx, dy) => {
    const r = lengthOf(dx, dy)
    const hole = coverageOf(r - bore)
    const burr = coverageOf(r - 1.25 * bore) - hole
    paint(scene, i, aluminium, 0.72, 0.7 * burr)
    paint(scene, i, scene.material.beneath, 1, hole)
    scene.relief[i] = scene.relief[i]! + radius * (0.05 * burr - 0.3 * hole)
    scene.gloss[i] = scene.gloss[i]! * (1 - hole)
    hideBody(scene, i, coverageOf(r - radius))
    joinCoverage(altered, i, coverageOf(r - radius))
  })
}
