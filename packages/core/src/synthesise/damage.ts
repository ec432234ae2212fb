/**
 * Damages a picture of a good part in the image itself: scars, pasted pieces, discoloured, foreign and
 * smeared blots, at places, sizes and strengths drawn by chance.
 *
 * Not meant to look like real defects: it shows a method what a departure from good does to the features of
 * this very backbone and part, which noise added to features cannot. In the spirit of CutPaste (Li et al.
 * 2021) and DRAEM (Zavrtanik et al. 2021); no pictures from elsewhere are needed.
 */
import type { Random } from '../random.ts'
import { blurSoft } from './blur.ts'
import { drawNoise } from './noise.ts'
import { coverageOf, distanceToSegment } from './shape.ts'

export interface DamagedPicture {
  /** uint8 `[height, width, 3]` */
  readonly pixels: Uint8Array
  /** How much of each pixel is damaged, 0 to 1, `[height, width]`. */
  readonly mask: Float32Array
}

/** Damages `pixels` (uint8 `[height, width, 3]`) in three to six places; `other` is where pasted pieces may come from. */
export function damagePicture(
  pixels: Uint8Array,
  other: Uint8Array,
  width: number,
  height: number,
  random: Random,
): DamagedPicture {
  const damaged = Float32Array.from(pixels)
  const mask = new Float32Array(width * height)
  const contrast = Math.max(8, deviationOf(pixels))
  for (let place = 3 + random.integer(4); place > 0; place--) {
    const shape = random.float64() < 0.4 ? drawScar(width, height, random) : drawBlot(width, height, random)
    const replace = chooseMaterial({ damaged, pixels, other, width, height, contrast, random })
    const strength = 0.4 + 0.6 * random.float64()
    for (let i = 0; i < mask.length; i++) {
      const share = shape[i]! * strength
      if (share === 0) continue
      for (let c = 0; c < 3; c++) {
        const at = 3 * i + c
        damaged[at] = damaged[at]! * (1 - share) + Math.min(255, Math.max(0, replace(at))) * share
      }
      mask[i] = Math.max(mask[i]!, share)
    }
  }
  return { pixels: Uint8Array.from(damaged), mask }
}

interface Scene {
  readonly damaged: Float32Array
  readonly pixels: Uint8Array
  readonly other: Uint8Array
  readonly width: number
  readonly height: number
  /** Standard deviation of the picture's values. */
  readonly contrast: number
  readonly random: Random
}

/** What takes the place of the good surface: a function from the index of a value to a value. */
function chooseMaterial(scene: Scene): (at: number) => number {
  const { damaged, random, contrast, width, height } = scene
  switch (random.integer(4)) {
    case 0:
      return pasteFrom(scene)
    case 1: {
      const sign = random.integer(2) === 0 ? 1 : -1
      const change = sign * contrast * logUniform(random, 0.5, 2.5)
      const tint = [0, 0, 0].map(() => change * (1 + 0.2 * random.normal()))
      return (at) => damaged[at]! + tint[at % 3]!
    }
    case 2: {
      const pixel = 3 * random.integer(width * height)
      const shade = 0.5 + random.float64()
      const colour = [0, 1, 2].map((c) => damaged[pixel + c]! * shade)
      const cell = Math.sqrt(width * height) / (10 + random.integer(90))
      const rough = drawNoise(random, width, height, { cellX: cell, cellY: cell })
      const roughness = contrast * (0.1 + 0.6 * random.float64())
      return (at) => colour[at % 3]! + roughness * rough[Math.floor(at / 3)]!
    }
    default:
      return random.integer(2) === 0 ? smear(scene) : pasteFrom({ ...scene, other: scene.pixels }, 12)
  }
}

/** The picture (or the other one) moved: anywhere, or by at most `reach` pixels. */
function pasteFrom({ pixels, other, width, height, random }: Scene, reach?: number): (at: number) => number {
  const source = reach === undefined && random.integer(2) === 0 ? pixels : other
  const draw = (length: number): number =>
    reach === undefined ? random.integer(length) : (random.integer(2 * reach + 1) - reach + length) % length
  const moveX = draw(width)
  const moveY = draw(height)
  return (at) => {
    const i = Math.floor(at / 3)
    const x = ((i % width) + moveX) % width
    const y = (Math.floor(i / width) + moveY) % height
    return source[3 * (y * width + x) + (at % 3)]!
  }
}

function smear({ damaged, width, height, random }: Scene): (at: number) => number {
  const radius = 2 + 4 * random.float64()
  const planes = [0, 1, 2].map((c) => {
    const plane = new Float32Array(width * height)
    for (let i = 0; i < plane.length; i++) plane[i] = damaged[3 * i + c]!
    return blurSoft(plane, width, height, radius)
  })
  return (at) => planes[at % 3]![Math.floor(at / 3)]!
}

/** A ragged ellipse with a soft edge, 1.5 to 10 % of the picture's side across. */
function drawBlot(width: number, height: number, random: Random): Float32Array {
  const side = Math.sqrt(width * height)
  const radius = side * logUniform(random, 0.015, 0.1)
  const stretch = logUniform(random, 0.5, 2)
  const angle = Math.PI * random.float64()
  const centreX = width * random.float64()
  const centreY = height * random.float64()
  const cell = side / (8 + random.integer(32))
  const ragged = drawNoise(random, width, height, { cellX: cell, cellY: cell })
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
  const mask = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = ((x - centreX) * cos + (y - centreY) * sin) / (radius * stretch)
      const v = ((y - centreY) * cos - (x - centreX) * sin) / (radius / stretch)
      if (Math.abs(u) > 2 || Math.abs(v) > 2) continue
      const inside = 1 - Math.hypot(u, v) + 0.35 * ragged[y * width + x]!
      mask[y * width + x] = Math.min(1, Math.max(0, (inside * radius) / 3 + 0.5))
    }
  }
  return mask
}

/** A thin wandering line, 1 to 6 pixels wide. */
function drawScar(width: number, height: number, random: Random): Float32Array {
  const side = Math.sqrt(width * height)
  const pieces = 4 + random.integer(8)
  const step = (side * logUniform(random, 0.05, 0.4)) / pieces
  const half = (1 + random.integer(5)) / 2
  let angle = 2 * Math.PI * random.float64()
  let x = width * random.float64()
  let y = height * random.float64()
  const mask = new Float32Array(width * height)
  for (let piece = 0; piece < pieces; piece++) {
    angle += 0.35 * random.normal()
    const [nextX, nextY] = [x + step * Math.cos(angle), y + step * Math.sin(angle)]
    const reach = half + 2
    const top = Math.max(0, Math.floor(Math.min(y, nextY) - reach))
    const bottom = Math.min(height - 1, Math.ceil(Math.max(y, nextY) + reach))
    const left = Math.max(0, Math.floor(Math.min(x, nextX) - reach))
    const right = Math.min(width - 1, Math.ceil(Math.max(x, nextX) + reach))
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const { distance } = distanceToSegment(column, row, x, y, nextX, nextY)
        const at = row * width + column
        mask[at] = Math.max(mask[at]!, coverageOf(distance - half, 1.5))
      }
    }
    ;[x, y] = [nextX, nextY]
  }
  return mask
}

export function logUniform(random: Random, from: number, to: number): number {
  return from * (to / from) ** random.float64()
}

export function deviationOf(values: Uint8Array): number {
  let sum = 0
  let squares = 0
  for (const v of values) {
    sum += v
    squares += v * v
  }
  const mean = sum / values.length
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean))
}
