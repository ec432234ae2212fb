/** Defects along a line: scratches, which shine or fray, and cracks, which are dark, jagged and branch. */
import type { Random } from '../../random.ts'
import { cosine, sine } from '../angle.ts'
import { paint, type Scene } from '../scene.ts'
import { coverageOf, distanceToSegment, smoothstep } from '../shape.ts'
import { findPlace, type Place, type Site } from './place.ts'

/** One to three nearly parallel grooves with raised lips, across the grain if there is one. */
export function addScratch(site: Site, random: Random): Float32Array {
  const { scene } = site
  const side = Math.min(scene.width, scene.height)
  const length = side * (0.14 + 0.22 * random.float64())
  const place = findPlace(site, length * 0.4, random)
  const share = random.float64()
  const { grain } = scene.material
  const direction =
    grain === undefined
      ? Math.PI * share
      : grain.direction + leastAcross + (Math.PI - 2 * leastAcross) * share
  const strands = 1 + random.integer(3)
  const bold = between(random, 0.0013, 0.0042)
  const paths: Path[] = []
  for (let k = 0; k < strands; k++) {
    const aside = (k - (strands - 1) / 2) * side * (0.012 + 0.008 * random.float64())
    const back = length * (0.5 + 0.1 * random.normal())
    const start = {
      x: place.x - cosine(direction) * back - sine(direction) * aside,
      y: place.y - sine(direction) * back + cosine(direction) * aside,
    }
    const bend = (0.25 * random.normal()) / pieces
    const width = Math.max(1.1, side * bold * (0.7 + 0.5 * random.float64()))
    const path = trace(start, direction, length * (0.8 + 0.3 * random.float64()), pieces, width, () => bend)
    paths.push(k === 0 ? through(path, place) : path)
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
      const groove = (before * 1.6 + pale) * (1 - isBright) + before * 0.45 * isBright
      albedo[at] = (before + core * 0.9 * (groove - before)) * (1 + 0.25 * lips)
    }
    scene.relief[i] = scene.relief[i]! + side * bold * (0.7 * lips - core)
    scene.gloss[i] = scene.gloss[i]! + 0.1 * core
  })
  return drawn.core
}

/** Scratches keep at least this angle from the grain; among brush marks they would be one more. */
const leastAcross = 0.4

/** A jagged dark line, widest before its middle, with branches; along the grain if there is one. */
export function addCrack(site: Site, random: Random): Float32Array {
  const { scene } = site
  const side = Math.min(scene.width, scene.height)
  const length = side * (0.16 + 0.2 * random.float64())
  const place = findPlace(site, length * 0.25, random)
  const along = random.float64()
  const { grain, beneath, inside = beneath } = scene.material
  // Fibres lead a crack: it leans less and its branches stay close.
  const isLed = grain?.leadsCracks === true
  const wild = isLed ? 0.35 : 1
  const direction = isLed
    ? grain.direction + 0.08 * random.normal() + (along < 0.5 ? 0 : Math.PI)
    : 2 * Math.PI * along
  const start = {
    x: place.x - 0.5 * length * cosine(direction),
    y: place.y - 0.5 * length * sine(direction),
  }
  const width = Math.max(1.3, side * between(random, 0.0028, 0.0068))
  let lean = 0
  const jag = (): number => {
    // Leans back, so that the crack keeps its direction in the large.
    const turn = wild * 0.6 * random.normal() - 0.55 * lean
    lean += turn
    return turn
  }
  const trunk = through(trace(start, direction, length, pieces, width, jag), place)
  const paths = [roughen(trunk, wild, random)]
  for (let k = 1 + random.integer(3); k > 0; k--) {
    const at = Math.floor(pieces * (0.2 + 0.6 * random.float64()))
    lean = 0
    const away = direction + (2 * random.integer(2) - 1) * wild * (0.5 + 0.5 * random.float64())
    const reach = length * (0.12 + 0.22 * random.float64())
    const branch = trace(trunk.points[at]!, away, reach, 9, width * 0.6, jag)
    paths.push(roughen({ ...branch, isBranch: true }, wild, random))
  }
  const drawn = draw(scene, paths)
  change(scene, drawn, (i, core, lips) => {
    paint(scene, i, inside, 1, 0.88 * core)
    scene.relief[i] = scene.relief[i]! + 0.4 * width * (0.3 * lips - core)
    scene.gloss[i] = scene.gloss[i]! * (1 - core)
  })
  return drawn.core
}

const pieces = 22

/** Between two bounds, small values as likely as large ones by their ratio. */
function between(random: Random, least: number, most: number): number {
  let value = most
  // Without a logarithm: the ratio to the power of a random share, bit by bit of the share.
  for (let root = least / most, k = 0; k < 8; k++) {
    root = Math.sqrt(root)
    if (random.integer(2) === 1) value *= root
  }
  return value
}

/** Moved so that its middle lies at a place that is known to be on the part. */
function through(path: Path, place: Place): Path {
  const middle = path.points[path.points.length >> 1] ?? place
  const points = path.points.map(({ x, y }) => ({ x: x + place.x - middle.x, y: y + place.y - middle.y }))
  return { ...path, points }
}

/** Breaks each piece in two and the halves again, off the line by a share of their length. */
function roughen(path: Path, wild: number, random: Random): Path {
  let points = path.points
  for (let level = 0; level < 2; level++) {
    const finer: Place[] = []
    for (const [k, b] of points.entries()) {
      const a = points[k - 1]
      if (a !== undefined) {
        const off = 0.13 * wild * random.normal()
        finer.push({ x: (a.x + b.x) / 2 + off * (a.y - b.y), y: (a.y + b.y) / 2 + off * (b.x - a.x) })
      }
      finer.push(b)
    }
    points = finer
  }
  return { ...path, points }
}

interface Path {
  readonly points: readonly Place[]
  /** Greatest width in pixels. */
  readonly width: number
  /** A branch is widest where it leaves; anything else thins towards both ends. */
  readonly isBranch?: boolean
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
    x += (cosine(angle) * length) / count
    y += (sine(angle) * length) / count
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
          const { distance, along } = distanceToSegment(x + 0.5, y + 0.5, a.x, a.y, b.x, b.y)
          // Never so thin that no pixel would be half covered.
          const half = Math.max(0.56, (path.width / 2) * thinning(path, (k + along) / steps))
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

/** Share of its greatest width that a path has at a share of its length. */
function thinning({ isBranch = false }: Path, t: number): number {
  const opening = isBranch ? 1 : smoothstep(-0.12, 0.25, t)
  return opening * (1 - 0.8 * t * t)
}

function change(scene: Scene, drawn: Drawn, apply: (i: number, core: number, lips: number) => void): void {
  for (const i of drawn.touched) apply(i, drawn.core[i]!, drawn.lips[i]! * (1 - drawn.core[i]!))
  for (const i of drawn.touched) scene.relief[i] = Math.max(-0.05 * scene.width, scene.relief[i]!)
}
