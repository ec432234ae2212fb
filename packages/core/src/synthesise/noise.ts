/**
 * Smooth random fields in pixels: normal deviates on a coarse lattice, interpolated by cubic B-splines, which
 * show no lattice.
 *
 * For damage done to a picture of any resolution; `texture.ts` has the fields that belong to a part.
 */
import type { Random } from '../random.ts'

export interface NoiseOptions {
  /** Distance of lattice points in pixels along x and y: the size of the blotches. */
  readonly cellX: number
  readonly cellY: number
}

/** A smooth field `[h, w]` of mean 0 and standard deviation about 1. */
export function drawNoise(
  random: Random,
  width: number,
  height: number,
  options: NoiseOptions,
): Float32Array {
  const { cellX, cellY } = options
  const columns = Math.ceil(width / cellX) + 4
  const rows = Math.ceil(height / cellY) + 4
  const lattice = new Float32Array(columns * rows)
  random.fillNormal(lattice, 1 / splineSpread)
  const across = spline(width, cellX, random.float64())
  const down = spline(height, cellY, random.float64())
  // Each lattice row is stretched to the width first, then rows are mixed for every line of pixels.
  const stretched = new Float32Array(width * rows)
  for (let row = 0; row < rows; row++) {
    for (let x = 0; x < width; x++) {
      const at = row * columns + across.index[x]!
      const w = 4 * x
      stretched[row * width + x] =
        lattice[at]! * across.weight[w]! +
        lattice[at + 1]! * across.weight[w + 1]! +
        lattice[at + 2]! * across.weight[w + 2]! +
        lattice[at + 3]! * across.weight[w + 3]!
    }
  }
  const field = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    const at = down.index[y]! * width
    const w0 = down.weight[4 * y]!
    const w1 = down.weight[4 * y + 1]!
    const w2 = down.weight[4 * y + 2]!
    const w3 = down.weight[4 * y + 3]!
    const out = y * width
    for (let x = 0; x < width; x++) {
      const i = at + x
      field[out + x] =
        stretched[i]! * w0 +
        stretched[i + width]! * w1 +
        stretched[i + 2 * width]! * w2 +
        stretched[i + 3 * width]! * w3
    }
  }
  return field
}

/** Standard deviation that interpolation leaves of a lattice of standard deviation 1: 151 / 315. */
const splineSpread = 151 / 315

function spline(length: number, cell: number, shift: number): { index: Uint32Array; weight: Float32Array } {
  const index = new Uint32Array(length)
  const weight = new Float32Array(4 * length)
  for (let i = 0; i < length; i++) {
    const place = i / cell + shift
    const t = place - Math.floor(place)
    index[i] = Math.floor(place)
    weight[4 * i] = (1 - t) ** 3 / 6
    weight[4 * i + 1] = (3 * t ** 3 - 6 * t * t + 4) / 6
    weight[4 * i + 2] = (-3 * t ** 3 + 3 * t * t + 3 * t + 1) / 6
    weight[4 * i + 3] = t ** 3 / 6
  }
  return { index, weight }
}
