/**
 * Resizing of images `[N, C, H, W]`, without antialiasing, as torch's interpolate does it.
 *
 * Every mode is linear and separable: one interpolation matrix per axis. The gradient multiplies by their
 * transposes, and gets the matrices by resizing identity matrices, so that it agrees with the runtime's own
 * kernel. Coordinates outside the image take the nearest pixel.
 */
import type { Operators } from '../operators.ts'
import { build, type Array64 } from '../reference/array.ts'
import { floorDiv, scaleDim, type Dim } from '../shape.ts'
import type { Value } from '../value.ts'
import type { Pair } from './convolution.ts'
import { defineOp } from './define.ts'
import { emitShape, resolveShape, type DimSource } from './dynamic.ts'
import { applyTransposed, axisMatrix } from './pool.ts'

interface Interpolation {
  readonly mode: 'nearest' | 'linear' | 'cubic'
  readonly coordinates: 'half-pixel' | 'align-corners' | 'asymmetric'
  readonly cubicCoefficient: number
}

/** Inputs: x; then the int64 sizes if `target` is 'input', or what its sources refer to. */
export interface ResizeAttributes extends Interpolation {
  readonly target:
    | { readonly scales: Pair }
    | { readonly sizes: readonly [Dim, Dim]; readonly sources: readonly DimSource[] }
    | 'input'
}

export const resize = defineOp<'1+', ResizeAttributes>({
  name: 'resize',
  inputs: '1+',
  infer: ([x, sizes], { target }) => [
    { dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...targetDims(x, sizes, target)] },
  ],
  emit: (e, inputs, { mode, coordinates, cubicCoefficient, target }) => {
    const [x, sizes] = inputs
    const attributes = {
      mode,
      coordinate_transformation_mode: coordinates.replace('-', '_'),
      axes: [2, 3],
      ...(mode === 'cubic' && { cubic_coeff_a: { float: cubicCoefficient } }),
      // Halves go up between pixel centres (torch's nearest-exact) and down from pixel corners (its nearest).
      ...(mode === 'nearest' && {
        nearest_mode: coordinates === 'asymmetric' ? 'floor' : 'round_prefer_ceil',
      }),
    }
    if (target === 'input') return [e.add('Resize', [x, '', '', sizes!], attributes)]
    if ('sizes' in target)
      return [e.add('Resize', [x, '', '', emitShape(e, target.sources, inputs)], attributes)]
    const scales = e.constant({ dtype: 'float32', shape: [2], data: Float32Array.from(target.scales) })
    return [e.add('Resize', [x, '', scales], attributes)]
  },
  grad: (g, [x, ...rest], [dy], { attributes }) => [
    applyTransposed(g, dy, axisWeights(g, x, dy, attributes, 0), axisWeights(g, x, dy, attributes, 1)),
    ...rest.map(() => null),
  ],
  reference: (inputs, attributes) => {
    const [x, sizes] = inputs
    const { target } = attributes
    const rows = (axis: 0 | 1): readonly Weights[] => {
      const size = x.shape[2 + axis]!
      if (target === 'input') return interpolationWeights(size, sizes!.data[axis]!, undefined, attributes)
      if ('scales' in target) {
        const scale = target.scales[axis]
        return interpolationWeights(size, Math.floor(size * scale), scale, attributes)
      }
      const out = resolveShape(target.sources, inputs)[axis]!
      return interpolationWeights(size, out, undefined, attributes)
    }
    return [interpolate(x, rows(0), rows(1))]
  },
})

/** Pixels that one result is made of, and their weights. */
export type Weights = readonly { readonly from: number; readonly weight: number }[]

/** For every position of a resized axis, what it takes from the old one. */
function interpolationWeights(
  size: number,
  resized: number,
  scale: number | undefined,
  { mode, coordinates, cubicCoefficient: a }: Interpolation,
): readonly Weights[] {
  const ratio = scale ?? resized / size
  const clamp = (v: number): number => Math.min(Math.max(v, 0), size - 1)
  return Array.from({ length: resized }, (_, i) => {
    const aligned = resized === 1 ? 0 : (i * (size - 1)) / (resized - 1)
    const place =
      coordinates === 'align-corners'
        ? aligned
        : coordinates === 'asymmetric'
          ? i / ratio
          : (i + 0.5) / ratio - 0.5
    if (mode === 'nearest') {
      return [
        {
          from: clamp(coordinates === 'asymmetric' ? Math.floor(place) : Math.floor(place + 0.5)),
          weight: 1,
        },
      ]
    }
    if (mode === 'linear') {
      const inside = clamp(place)
      const first = Math.floor(inside)
      const t = inside - first
      return [
        { from: first, weight: 1 - t },
        { from: clamp(first + 1), weight: t },
      ]
    }
    const first = Math.floor(place)
    const t = place - first
    return [-1, 0, 1, 2].map((k) => ({ from: clamp(first + k), weight: cubic(Math.abs(k - t), a) }))
  })
}

/** Keys' cubic convolution kernel. */
function cubic(d: number, a: number): number {
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0
}

function interpolate(x: Array64, rows: readonly Weights[], columns: readonly Weights[]): Array64 {
  const [n, c, height, width] = x.shape as readonly [number, number, number, number]
  return build(x.dtype, [n, c, rows.length, columns.length], (index) => {
    const base = (index[0]! * c + index[1]!) * height
    let sum = 0
    for (const row of rows[index[2]!]!) {
      for (const column of columns[index[3]!]!) {
        sum += row.weight * column.weight * x.data[(base + row.from) * width + column.from]!
      }
    }
    return sum
  })
}

/** The interpolation matrix `[resized, size]` of one axis. */
function axisWeights(g: Operators, x: Value, dy: Value, attributes: ResizeAttributes, axis: 0 | 1): Value {
  const { target } = attributes
  const size = x.shape[2 + axis]!
  const resized = dy.shape[2 + axis]!
  const how = {
    mode: attributes.mode,
    coordinates: attributes.coordinates,
    cubicCoefficient: attributes.cubicCoefficient,
  }
  const identity = axisMatrix(g, x, axis)
  if (target !== 'input' && 'scales' in target) {
    return g.reshape(g.resize(identity, { ...how, scales: [target.scales[axis], 1] }), [resized, size])
  }
  const dim = (value: Value): Value =>
    g.slice(g.shapeOf(value), { axes: [0], starts: [2 + axis], ends: [3 + axis] })
  const sizes =
    typeof resized === 'number' && typeof size === 'number'
      ? ([resized, size] as const)
      : g.concat([dim(dy), dim(x)], { axis: 0 })
  return g.reshape(g.resize(identity, { ...how, sizes }), [resized, size])
}

function targetDims(x: Value, sizes: Value | undefined, target: ResizeAttributes['target']): readonly Dim[] {
  // Equal sizes have equal names: the name tells the value that holds them.
  if (target === 'input') return [`size${sizes!.id}[0]`, `size${sizes!.id}[1]`]
  if ('sizes' in target) return target.sizes
  return target.scales.map((scale, axis) => {
    const d = x.shape[2 + axis]!
    if (typeof d === 'number') return Math.floor(d * scale)
    if (Number.isInteger(scale)) return scaleDim(d, scale)
    return Number.isInteger(1 / scale) ? floorDiv(d, 1 / scale) : `floor(${scale}*${d})`
  })
}
