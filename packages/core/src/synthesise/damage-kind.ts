/**
 * Damages a picture of a good part in one place, in one of several kinds: what candidates are compared on.
 *
 * Other kinds than those of `damagePicture`, which CRAS learns from: a comparison on the same ones would favour it.
 * Strengths reach from hardly visible to plain, because damage that every method finds tells them not apart. Where
 * a kind happens to change nothing, as in a black background, another place is drawn.
 */
import type { Random } from '../random.ts'
import { lengthOf } from './angle.ts'
import { blurSoft } from './blur.ts'
import { deviationOf, logUniform, type DamagedPicture } from './damage.ts'
import { drawNoise } from './noise.ts'
import { coverageOf, distanceToSegment, smoothstep } from './shape.ts'

/**
 * crack: a thin branching dark line; stain: a large soft change of brightness and colour; hole: a sharp spot of
 * another shade with a shaded rim; dent: the surface pinched, its colours kept; erased: the texture gone, the
 * surroundings flowing in; turned: a piece of the surface turned upside down in its place.
 */
export const damageKinds = ['crack', 'stain', 'hole', 'dent', 'erased', 'turned'] as const
export type DamageKind = (typeof damageKinds)[number]

/** Places that are tried; the one that changes the picture most is kept unless an earlier one is plain enough. */
const tries = 6
/** Mean change inside the mask that is enough, in units of the picture's standard deviation. */
const plain = 0.15

/** Damages `pixels` (uint8 `[height, width, 3]`) in one place. */
export function damageOnce(
  pixels: Uint8Array,
  width: number,
  height: number,
  kind: DamageKind,
  random: Random,
): DamagedPicture {
  const contrast = Math.max(8, deviationOf(pixels))
  let best: { damaged: DamagedPicture; change: number } | undefined
  for (let i = 0; i < tries; i++) {
    const damaged = damageAt({ pixels, width, height, contrast, random }, kind)
    const change = meanChange(pixels, damaged)
    if (best === undefined || change > best.change) best = { damaged, change }
    if (change > plain * contrast) break
  }
  if (best === undefined) throw new Error('internal: no place was tried')
  return best.damaged
}

interface Scene {
  readonly pixels: Uint8Array
  readonly width: number
  readonly height: number
  /** Standard deviation of the picture's values. */
  readonly contrast: number
  readonly random: Random
}

function damageAt(scene: Scene, kind: DamageKind): DamagedPicture {
  switch (kind) {
    case 'crack':
      return crack(scene)
    case 'stain':
      return stain(scene)
    case 'hole':
      return hole(scene)
    case 'dent':
      return dent(scene)
    case 'erased':
      return erase(scene)
    case 'turned':
      return turn(scene)
    default:
      return kind satisfies never
  }
}

function crack({ pixels, width, height, contrast, random }: Scene): DamagedPicture {
  const side = Math.sqrt(width * height)
  const mask = new Float32Array(width * height)
  const start = { x: width * random.float64(), y: height * random.float64() }
  drawBranch(mask, width, height, random, {
    ...start,
    angle: 2 * Math.PI * random.float64(),
    length: side * logUniform(random, 0.08, 0.35),
    half: logUniform(random, 0.6, 1.6),
    forks: random.integer(3),
  })
  const darker = contrast * logUniform(random, 0.5, 2)
  return blend(pixels, mask, (at) => pixels[at]! - darker)
}

interface Branch {
  readonly x: number
  readonly y: number
  readonly angle: number
  readonly length: number
  /** Half its width in pixels. */
  readonly half: number
  readonly forks: number
}

/** A line of jagged steps that may fork into thinner ones. */
function drawBranch(mask: Float32Array, width: number, height: number, random: Random, branch: Branch): void {
  const steps = 8
  const forkAt = 2 + random.integer(steps - 3)
  let { x, y, angle } = branch
  for (let step = 0; step < steps; step++) {
    angle += 0.5 * random.normal()
    const reach = branch.length / steps
    const [nextX, nextY] = [x + reach * Math.cos(angle), y + reach * Math.sin(angle)]
    const half = branch.half * (1 - (0.6 * step) / steps)
    const around = Math.ceil(half + 2)
    for (let row = lowest(y, nextY, around); row <= highest(y, nextY, around, height); row++)
      for (let column = lowest(x, nextX, around); column <= highest(x, nextX, around, width); column++) {
        const { distance } = distanceToSegment(column, row, x, y, nextX, nextY)
        const at = row * width + column
        mask[at] = Math.max(mask[at]!, coverageOf(distance - half))
      }
    ;[x, y] = [nextX, nextY]
    if (branch.forks > 0 && step === forkAt) {
      const side = random.integer(2) === 0 ? 1 : -1
      const fork = { x, y, angle: angle + side * 0.9, length: branch.length * 0.5, half: branch.half * 0.8 }
      drawBranch(mask, width, height, random, { ...fork, forks: branch.forks - 1 })
    }
  }
}

function lowest(a: number, b: number, around: number): number {
  return Math.max(0, Math.floor(Math.min(a, b)) - around)
}

function highest(a: number, b: number, around: number, side: number): number {
  return Math.min(side - 1, Math.ceil(Math.max(a, b)) + around)
}

function stain({ pixels, width, height, contrast, random }: Scene): DamagedPicture {
  const side = Math.sqrt(width * height)
  const spot = drawSpot(width, height, random, side * logUniform(random, 0.04, 0.12), 0.5)
  const change = (random.integer(2) === 0 ? 1 : -1) * contrast * logUniform(random, 0.25, 1.2)
  const tint = [0, 0, 0].map(() => change * (1 + 0.3 * random.normal()))
  return blend(pixels, spot.mask, (at) => pixels[at]! + tint[at % 3]!)
}

function hole({ pixels, width, height, contrast, random }: Scene): DamagedPicture {
  const side = Math.sqrt(width * height)
  const spot = drawSpot(width, height, random, side * logUniform(random, 0.012, 0.045), 0.1)
  const [cx, cy] = [Math.floor(spot.x), Math.floor(spot.y)]
  const centre = 3 * (cy * width + cx)
  const change = (random.integer(4) === 0 ? 1 : -1) * contrast * logUniform(random, 0.5, 2.5)
  const shade = [0, 1, 2].map((c) => pixels[centre + c]! + change)
  return blend(pixels, spot.mask, (at) => {
    const i = Math.floor(at / 3)
    // Light falls in from the left: the left rim lies in the shade.
    const across = ((i % width) - spot.x) / spot.radius
    return shade[at % 3]! + 0.25 * contrast * across
  })
}

function dent({ pixels, width, height, random }: Scene): DamagedPicture {
  const side = Math.sqrt(width * height)
  const spot = drawSpot(width, height, random, side * logUniform(random, 0.05, 0.12), 0)
  const pull = (random.integer(2) === 0 ? 1 : -1) * logUniform(random, 0.5, 0.95)
  return blend(pixels, spot.mask, (at) => {
    const i = Math.floor(at / 3)
    const [dx, dy] = [(i % width) - spot.x, Math.floor(i / width) - spot.y]
    const away = lengthOf(dx, dy) / spot.radius
    const scale = 1 - pull * (1 - smoothstep(0, 1, away))
    return sampleAt(pixels, width, height, spot.x + dx * scale, spot.y + dy * scale, at % 3)
  })
}

function erase({ pixels, width, height, random }: Scene): DamagedPicture {
  const side = Math.sqrt(width * height)
  const spot = drawSpot(width, height, random, side * logUniform(random, 0.03, 0.1), 0.3)
  const planes = [0, 1, 2].map((c) => {
    const plane = new Float32Array(width * height)
    for (let i = 0; i < plane.length; i++) plane[i] = pixels[3 * i + c]!
    return blurSoft(plane, width, height, 0.7 * spot.radius)
  })
  return blend(pixels, spot.mask, (at) => planes[at % 3]![Math.floor(at / 3)]!)
}

function turn({ pixels, width, height, random }: Scene): DamagedPicture {
  const side = Math.sqrt(width * height)
  const spot = drawSpot(width, height, random, side * logUniform(random, 0.04, 0.12), 0)
  return blend(pixels, spot.mask, (at) => {
    const i = Math.floor(at / 3)
    return sampleAt(
      pixels,
      width,
      height,
      2 * spot.x - (i % width),
      2 * spot.y - Math.floor(i / width),
      at % 3,
    )
  })
}

interface Spot {
  readonly mask: Float32Array
  readonly x: number
  readonly y: number
  readonly radius: number
}

/** A round spot with an edge of a tenth of its radius, `ragged` by so much of it. */
function drawSpot(width: number, height: number, random: Random, radius: number, ragged: number): Spot {
  const [x, y] = [width * random.float64(), height * random.float64()]
  const cell = Math.max(2, radius / 2)
  const rough = drawNoise(random, width, height, { cellX: cell, cellY: cell })
  const mask = new Float32Array(width * height)
  const reach = Math.ceil(2 * radius)
  for (let row = lowest(y, y, reach); row <= highest(y, y, reach, height); row++)
    for (let column = lowest(x, x, reach); column <= highest(x, x, reach, width); column++) {
      const at = row * width + column
      const away = lengthOf(column - x, row - y) + ragged * 0.4 * radius * rough[at]!
      mask[at] = coverageOf(away - radius, Math.max(1, 0.1 * radius))
    }
  return { mask, x, y, radius }
}

/** Bilinear; what lies outside is the nearest pixel. */
function sampleAt(
  pixels: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  channel: number,
): number {
  const [cx, cy] = [Math.min(width - 1, Math.max(0, x)), Math.min(height - 1, Math.max(0, y))]
  const [left, top] = [Math.floor(cx), Math.floor(cy)]
  const [right, bottom] = [Math.min(width - 1, left + 1), Math.min(height - 1, top + 1)]
  const [u, v] = [cx - left, cy - top]
  const value = (column: number, row: number): number => pixels[3 * (row * width + column) + channel]!
  const above = value(left, top) * (1 - u) + value(right, top) * u
  return above * (1 - v) + (value(left, bottom) * (1 - u) + value(right, bottom) * u) * v
}

function blend(pixels: Uint8Array, mask: Float32Array, replace: (at: number) => number): DamagedPicture {
  const damaged = pixels.slice()
  for (let i = 0; i < mask.length; i++) {
    const share = mask[i]!
    if (share === 0) continue
    for (let at = 3 * i; at < 3 * i + 3; at++)
      damaged[at] = Math.min(255, Math.max(0, Math.round(pixels[at]! * (1 - share) + replace(at) * share)))
  }
  return { pixels: damaged, mask }
}

/** Mean over the mask of how far values moved. */
function meanChange(before: Uint8Array, { pixels, mask }: DamagedPicture): number {
  let sum = 0
  let count = 0
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]! < 0.5) continue
    for (let at = 3 * i; at < 3 * i + 3; at++) sum += Math.abs(pixels[at]! - before[at]!)
    count += 3
  }
  return count === 0 ? 0 : sum / count
}
