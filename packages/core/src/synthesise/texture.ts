/**
 * Random fields that belong to the part and not to its picture: the same seed at another resolution gives
 * the same field, sampled finer or coarser.
 *
 * Each field draws from a stream of its own that is named by one number of the caller's, so the caller goes
 * on alike whatever the size. Cells finer than the sensor are drawn at the pixel with the deviation that
 * averaging leaves of them.
 */
import { createRandom, type Random } from '../random.ts'

export interface TextureOptions {
  /** Distance of lattice points in pixels along x and y: the size of the blotches. */
  readonly cellX: number
  readonly cellY: number
}

/** A smooth field `[h, w]` of mean 0 and standard deviation about 1, less where cells are finer than pixels. */
export function drawTexture(
  random: Random,
  width: number,
  height: number,
  options: TextureOptions,
): Float32Array {
  const own = createRandom(random.uint32(), 'texture')
  const cellX = Math.max(finestCell, options.cellX)
  const cellY = Math.max(finestCell, options.cellY)
  const left = Math.sqrt((options.cellX / cellX) * (options.cellY / cellY))
  const across = spline(width, cellX, own.float64())
  const down = spline(height, cellY, own.float64())
  const lattice = new Float32Array(across.points * down.points)
  own.fillNormal(lattice, left / splineSpread)
  // Lattice rows are stretched to the width when first needed; four of them make a line of pixels.
  const stretched = [0, 1, 2, 3].map(() => new Float32Array(width))
  let ready = 0
  const field = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    const top = down.index[y]!
    for (; ready < top + 4; ready++) stretch(lattice, ready * across.points, across, stretched[ready & 3]!)
    const [a, b, c, d] = [0, 1, 2, 3].map((k) => stretched[(top + k) & 3]!) as [Row, Row, Row, Row]
    const w0 = down.weight[4 * y]!
    const w1 = down.weight[4 * y + 1]!
    const w2 = down.weight[4 * y + 2]!
    const w3 = down.weight[4 * y + 3]!
    const out = y * width
    for (let x = 0; x < width; x++) field[out + x] = a[x]! * w0 + b[x]! * w1 + c[x]! * w2 + d[x]! * w3
  }
  return field
}

/** Octaves of texture from blotches of `cell` pixels down, each half as strong and as large as the last. */
export function drawClouds(
  random: Random,
  width: number,
  height: number,
  options: { readonly cell: number; readonly octaves: number; readonly stretch?: number },
): Float32Array {
  const { cell, octaves, stretch = 1 } = options
  const sum = new Float32Array(width * height)
  let total = 0
  for (let octave = 0, gain = 1, size = cell; octave < octaves; octave++, gain /= 2, size /= 2) {
    total += gain * gain
    const options = { cellX: size * stretch, cellY: size }
    const field = drawTexture(random, width, height, options)
    for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + gain * field[i]!
  }
  const scale = 1 / Math.sqrt(total)
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! * scale
  return sum
}

type Row = Float32Array

/** Lattice points nearer than this many pixels would be skipped by the sampling. */
const finestCell = 1.5
/** Standard deviation that cubic B-splines leave of a lattice of standard deviation 1, in two dimensions. */
const splineSpread = 151 / 315

interface Spline {
  /** Lattice points in all. */
  readonly points: number
  /** First of the four lattice points at each pixel, and their weights. */
  readonly index: Uint32Array
  readonly weight: Float32Array
}

function spline(length: number, cell: number, shift: number): Spline {
  const index = new Uint32Array(length)
  const weight = new Float32Array(4 * length)
  for (let i = 0; i < length; i++) {
    const place = (i + 0.5) / cell + shift
    const first = Math.floor(place)
    const t = place - first
    const u = 1 - t
    index[i] = first
    weight[4 * i] = (u * u * u) / 6
    weight[4 * i + 1] = (3 * t * t * t - 6 * t * t + 4) / 6
    weight[4 * i + 2] = (3 * u * u * u - 6 * u * u + 4) / 6
    weight[4 * i + 3] = (t * t * t) / 6
  }
  // Rounding at a larger size must not add a point, which would move all later ones.
  return { points: Math.ceil(length / cell - 1e-6) + 5, index, weight }
}

function stretch(lattice: Float32Array, start: number, across: Spline, row: Row): void {
  const { index, weight } = across
  for (let x = 0; x < row.length; x++) {
    const at = start + index[x]!
    const w = 4 * x
    row[x] =
      lattice[at]! * weight[w]! +
      lattice[at + 1]! * weight[w + 1]! +
      lattice[at + 2]! * weight[w + 2]! +
      lattice[at + 3]! * weight[w + 3]!
  }
}
