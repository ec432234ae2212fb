/** Defects along a line: scratches, which shine or fray, and cracks, which are dark, jagged and branch. */
import type { Random } from '../../random.ts'
import { paint, type Scene } from '../scene.ts'
import { coverageOf, distanceToSegment, smoothstep } from '../shape.ts'
import { findPlace, type Place } from './place.ts'

/** One to three nearly parallel grooves with raised lips. */
export function addScratch(scene: Scene, random: Random): Float32Array {
  const side = Math.min(scene.width, scene.height)
  const length = side * (0.14 + 0.22 * random.float64())
  const place = findPlace(scene, length * 0.4, random)
  const direction = Math.PI * random.float64()
  const strands = 1 + random.integer(3)
  const paths: Path[] = []
  for (let k = 0; k < strands; k++) {
    const aside = (k - (strands - 1) / 2) * side * (0.012 + 0.008 * random.float64())
    const start = {
      x: place.x - Math.cos(direction) * length * (0.5 + 0.1 * random.normal()) - Math.sin(direction) * aside,
      y: place.y - Math.sin(direction) * length * (0.5 + 0.1 * random.normal()) + Math.cos(direction) * aside,
    }
    const bend = (0.25 * random.normal()) / pieces
    const width = Math.max(1.1, side * (0.0032 + 0.0016 * random.float64()))
    paths.push(trace(start, direction, length * (0.8 + 0.3 * random.float64()), pieces, width, () => bend))
  }
  const drawn = draw(scene, paths)
  const pale = 0.1 + 0.08 * random.float64()
  change(scene, drawn, (i, core, lips) => {
    const { albedo } = scene
    // A groove shows pale on dark surfaces and dark on bright ones.
    const isBright = smoothstep(0.2, 0.36, albedo[3 * i + 1]!)
    for (let c = 0; c < 3; c++) {
      const at = 3 * i + c
      const before = albedo[at]!
      const groove = (before * 1.6 + pale) * (1 - isBright) + before * 0.5 * isBright
      albedo[at] = (before + core * 0.9 * (groove - before)) * (1 + 0.25 * lips)
    }
    scene.relief[i] = scene.relief[i]! + side * (0.002 * lips - 0.003 * core)
    scene.gloss[i] = scene.gloss[i]! + 0.1 * core
  })
  return drawn.core
}

/** A jagged dark line that thins out, with one or two branches. */
export function addCrack(scene: Scene, random: Random): Float32Array {
  const side = Math.min(scene.width, scene.height)
  const length = side * (0.16 + 0.18 * random.float64())
  const place = findPlace(scene, length * 0.4, random)
  const direction = 2 * Math.PI * random.float64()
  const start = {
    x: place.x - 0.5 * length * Math.cos(direction),
    y: place.y - 0.5 * length * Math.sin(direction),
  }
  const width = Math.max(1.6, side * (0.006 + 0.003 * random.float64()))
  let lean = 0
  const jag = (): number => {
    // Leans back, so that the crack keeps its direction in the large.
    const turn = 0.55 * random.normal() - 0.6 * lean
    lean += turn
    return turn
  }
  const trunk = trace(start, direction, length, pieces, width, jag)
  const paths = [trunk]
  for (let k = 1 + random.integer(2); k > 0; k--) {
    const at = trunk.points[Math.floor(pieces * (0.25 + 0.5 * random.float64()))]!
    lean = 0
    const away = direction + (random.integer(2) === 0 ? 1 : -1) * (0.6 + 0.4 * random.float64())
    paths.push(trace(at, away, length * (0.2 + 0.2 * random.float64()), 8, width * 0.6, jag))
  }
  const drawn = draw(scene, paths)
  change(scene, drawn, (i, core, lips) => {
    paint(scene, i, scene.beneath, 1, 0.88 * core)
    scene.relief[i] = scene.relief[i]! + side * (0.0015 * lips - 0.01 * core)
    scene.gloss[i] = scene.gloss[i]! * (1 - core)
  })
  return drawn.core
}

const pieces = 22

interface Path {
  readonly points: readonly Place[]
  /** Width in pixels at the start; it thins towards the end. */
  readonly width: number
}

/** Walks `count` equal steps, turning by `turn()` radians before each. */
function trace(
  start: Place,
  direction: number,
  length: number,
  count: number,
  width: number,
  turn: () => number,
): Path {
  const points = [start]
  let { x, y } = start
  let angle = direction
  for (let k = 0; k < count; k++) {
    angle += turn()
    x += (Math.cos(angle) * length) / count
    y += (Math.sin(angle) * length) / count
    points.push({ x, y })
  }
  return { points, width }
}

interface Drawn {
  /** Coverage of the line itself and of the lips along it. */
  readonly core: Float32Array
  readonly lips: Float32Array
  readonly touched: ReadonlySet<number>
}

/** Coverage of all paths together, on the part only. */
function draw(scene: Scene, paths: readonly Path[]): Drawn {
  const { width, height, body } = scene
  const core = new Float32Array(width * height)
  const lips = new Float32Array(width * height)
  const touched = new Set<number>()
  for (const path of paths) {
    const steps = path.points.length - 1
    for (let k = 0; k < steps; k++) {
      const a = path.points[k]!
      const b = path.points[k + 1]!
      const reach = path.width * 1.5 + 2
      const left = Math.max(0, Math.floor(Math.min(a.x, b.x) - reach))
      const right = Math.min(width - 1, Math.ceil(Math.max(a.x, b.x) + reach))
      const top = Math.max(0, Math.floor(Math.min(a.y, b.y) - reach))
      const bottom = Math.min(height - 1, Math.ceil(Math.max(a.y, b.y) + reach))
      for (let y = top; y <= bottom; y++) {
        for (let x = left; x <= right; x++) {
          const i = y * width + x
          const { distance, along } = distanceToSegment(x, y, a.x, a.y, b.x, b.y)
          // Never so thin that no pixel would be half covered.
          const half = Math.max(0.56, (path.width / 2) * (1 - 0.75 * ((k + along) / steps) ** 2))
          const inside = body[i]! * coverageOf(distance - half)
          if (inside > core[i]!) core[i] = inside
          const lip = body[i]! * smoothstep(half + 1.6 + 0.5 * path.width, half + 0.5, distance)
          if (lip > lips[i]!) lips[i] = lip
          if (lip > 0 || inside > 0) touched.add(i)
        }
      }
    }
  }
  return { core, lips, touched }
}

function change(scene: Scene, drawn: Drawn, apply: (i: number, core: number, lips: number) => void): void {
  for (const i of drawn.touched) apply(i, drawn.core[i]!, drawn.lips[i]! * (1 - drawn.core[i]!))
  for (const i of drawn.touched) scene.relief[i] = Math.max(-0.05 * scene.width, scene.relief[i]!)
}
