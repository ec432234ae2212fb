/**
 * A pulled thread in woven cloth: a weft drawn tight, its neighbours gathered, and the loop that sticks out.
 *
 * Distances are in threads unless they say otherwise.
 */
import type { Random } from '../../random.ts'
import { cosine, sine } from '../angle.ts'
import { type Colour, type Light, paint, type Scene } from '../scene.ts'
import { coverageOf, distanceToSegment, smoothstep } from '../shape.ts'
import { joinCoverage } from './product.ts'

/** Where the weave lies in the picture. */
export interface Cloth {
  readonly width: number
  readonly height: number
  /** Pixels from thread to thread. */
  readonly pitch: number
  readonly cos: number
  readonly sin: number
  /** Number of the thread in the middle of the picture. */
  readonly phaseU: number
  readonly phaseV: number
}

export interface Pull {
  readonly row: number
  /** How much the cloth is drawn together at a place, 0 to 1. */
  strengthAt(u: number, v: number): number
  /** How far the weave is moved along the pulled thread where the strength is 1. */
  shiftAt(u: number): number
  readonly centre: number
  readonly loop: readonly (readonly [u: number, v: number])[]
}

/** 1 within a stretch, 0 beyond, over half a thread. */
export function easeOff(from: number, half: number): number {
  return smoothstep(0, 0.4, half - Math.abs(from))
}

/** 1 in the groove between two plies of a thread, 0 on their backs; a period of one half. */
export function ply(phase: number): number {
  const t = 2 * phase
  const near = Math.abs(t - Math.round(t))
  return near < 0.25 ? (1 - 4 * near) * (1 - 4 * near) : 0
}

/** A pull somewhere in the middle of the picture, five to eleven threads long either way. */
export function drawPull(random: Random, cloth: Cloth): Pull {
  const centre = cloth.phaseU + ((random.float64() - 0.5) * 0.6 * cloth.width) / cloth.pitch
  const row = Math.floor(cloth.phaseV + ((random.float64() - 0.5) * 0.7 * cloth.height) / cloth.pitch)
  const reach = 5 + 6 * random.float64()
  const middle = row + 0.5
  return {
    row,
    centre,
    strengthAt: (u, v) => bell((u - centre) / reach) * bell((v - middle) / 2.4),
    shiftAt: (u) => (1.1 * (u - centre)) / (1.5 + Math.abs(u - centre)),
    loop: drawLoopPath(random, centre, middle),
  }
}

/** 1 in the middle, 0 from one on, smooth. */
function bell(x: number): number {
  const t = 1 - x * x
  return t > 0 ? t * t : 0
}

const pieces = 28

/** Out of the cloth, round in a bow that leans and wavers, and in again a thread or two farther on. */
function drawLoopPath(random: Random, centre: number, middle: number): [number, number][] {
  const width = 0.8 + 0.9 * random.float64()
  const height = (2 * random.integer(2) - 1) * (1.4 + 2.2 * random.float64())
  const lean = 0.9 * random.normal()
  const waver = 0.12 * random.normal()
  return Array.from({ length: pieces + 1 }, (_, k) => {
    const angle = (Math.PI * k) / pieces
    // Wider in its upper part than at its feet.
    const bow = sine(angle)
    const u = centre - width * cosine(angle) * (0.55 + 0.6 * bow) + lean * bow + waver * sine(5 * angle)
    return [u, middle + height * bow]
  })
}

/** Paints the loop above the cloth, with its shadow. */
export function drawLoop(
  scene: Scene,
  cloth: Cloth,
  pull: Pull,
  light: Light,
  colour: Colour,
  altered: Float32Array | null,
): void {
  const { pitch } = cloth
  const half = 0.34 * pitch
  const path = pull.loop.map(([u, v]) => toPixels(cloth, u, v))
  const shadow = path.map(
    ([x, y], k) =>
      [x - light.x * lift(k) * pitch, y - light.y * lift(k) * pitch] as const satisfies readonly [
        number,
        number,
      ],
  )
  along(scene, shadow, 1.7 * half, (i, aside) =>
    paint(scene, i, [0, 0, 0], 1, 0.6 * smoothstep(1.6 * half, 0.5 * half, Math.abs(aside))),
  )
  along(scene, path, half + 1, (i, aside, place) => {
    const coverage = coverageOf(Math.abs(aside) - half)
    const t = Math.min(1, Math.abs(aside) / half)
    const round = Math.sqrt(Math.max(0, 1 - t * t))
    const groove = ply(0.3 * place + (0.4 * aside) / half)
    paint(scene, i, colour, (0.5 + 0.5 * round) * (1 - 0.3 * groove), coverage)
    scene.relief[i] =
      scene.relief[i]! * (1 - coverage) + coverage * pitch * (0.5 + 0.3 * round - 0.05 * groove)
    joinCoverage(altered, i, coverage)
  })
}

/** Height of the loop above the cloth, in threads, at a point of its path. */
function lift(k: number): number {
  return 0.25 + 0.9 * sine((Math.PI * k) / pieces)
}

function toPixels(cloth: Cloth, u: number, v: number): readonly [x: number, y: number] {
  const du = (u - cloth.phaseU) * cloth.pitch
  const dv = (v - cloth.phaseV) * cloth.pitch
  return [
    cloth.width / 2 + du * cloth.cos + dv * cloth.sin,
    cloth.height / 2 - du * cloth.sin + dv * cloth.cos,
  ]
}

/** Visits each pixel near a path once, with its distance to either side and how far along it is, in pieces. */
function along(
  scene: Scene,
  path: readonly (readonly [x: number, y: number])[],
  reach: number,
  visit: (i: number, aside: number, place: number) => void,
): void {
  const nearest = new Map<number, { aside: number; place: number }>()
  for (let k = 1; k < path.length; k++) {
    const [ax, ay] = path[k - 1]!
    const [bx, by] = path[k]!
    const left = Math.max(0, Math.floor(Math.min(ax, bx) - reach))
    const right = Math.min(scene.width - 1, Math.ceil(Math.max(ax, bx) + reach))
    const top = Math.max(0, Math.floor(Math.min(ay, by) - reach))
    const bottom = Math.min(scene.height - 1, Math.ceil(Math.max(ay, by) + reach))
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const { distance, along: t } = distanceToSegment(x + 0.5, y + 0.5, ax, ay, bx, by)
        const i = y * scene.width + x
        if (distance >= reach || distance >= Math.abs(nearest.get(i)?.aside ?? reach)) continue
        const isLeft = (x + 0.5 - ax) * (by - ay) > (y + 0.5 - ay) * (bx - ax)
        nearest.set(i, { aside: isLeft ? -distance : distance, place: k - 1 + t })
      }
    }
  }
  for (const [i, { aside, place }] of nearest) visit(i, aside, place)
}
