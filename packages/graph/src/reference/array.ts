/**
 * Arrays of the reference evaluator: every element type is held in float64, row-major.
 *
 * Slow and obvious on purpose: index lists instead of stride tricks, no sharing of memory.
 */
import { sizeOf, type DType } from '../dtype.ts'

export interface Array64 {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: Float64Array
}

export type Index = readonly number[]

export function array64(dtype: DType, shape: readonly number[], data?: Float64Array): Array64 {
  return { dtype, shape, data: data ?? new Float64Array(sizeOf(shape)) }
}

/** Position of an index in the row-major data. */
export function offsetOf(shape: readonly number[], index: Index): number {
  let offset = 0
  for (let axis = 0; axis < shape.length; axis++) offset = offset * shape[axis]! + index[axis]!
  return offset
}

export function at(x: Array64, index: Index): number {
  return x.data[offsetOf(x.shape, index)]!
}

/** Visits every index of a shape in row-major order. The list passed on is reused. */
export function forEachIndex(
  shape: readonly number[],
  visit: (index: number[], offset: number) => void,
): void {
  const index = Array.from(shape, () => 0)
  const size = sizeOf(shape)
  for (let offset = 0; offset < size; offset++) {
    visit(index, offset)
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1
      if (index[axis]! < shape[axis]!) break
      index[axis] = 0
    }
  }
}

/** An array filled by its indices. */
export function build(dtype: DType, shape: readonly number[], valueAt: (index: Index) => number): Array64 {
  const out = array64(dtype, shape)
  forEachIndex(shape, (index, offset) => {
    out.data[offset] = valueAt(index)
  })
  return out
}

export function mapValues(x: Array64, f: (v: number) => number, dtype: DType = x.dtype): Array64 {
  return { dtype, shape: x.shape, data: x.data.map(f) }
}

/** Applies a function elementwise under numpy broadcasting. The result has `dtype`, or that of the first array. */
export function mapBroadcast(
  arrays: readonly Array64[],
  f: (...v: number[]) => number,
  dtype?: DType,
): Array64 {
  const rank = Math.max(...arrays.map((x) => x.shape.length))
  const shape = Array.from({ length: rank }, (_, axis) =>
    arrays.reduce((d, x) => {
      const own = x.shape[axis - rank + x.shape.length] ?? 1
      return own === 1 ? d : own
    }, 1),
  )
  const out = array64(dtype ?? arrays[0]!.dtype, shape)
  // How far each array moves along each axis; not at all where it broadcasts.
  const steps = arrays.map((x) => broadcastSteps(x.shape, rank))
  const offsets = arrays.map(() => 0)
  forEachIndex(shape, (index, offset) => {
    steps.forEach((own, which) => {
      let position = 0
      for (let axis = 0; axis < rank; axis++) position += own[axis]! * index[axis]!
      offsets[which] = position
    })
    out.data[offset] = f(...arrays.map((x, which) => x.data[offsets[which]!]!))
  })
  return out
}

function broadcastSteps(shape: readonly number[], rank: number): readonly number[] {
  const steps = Array.from({ length: rank }, () => 0)
  let step = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    steps[axis + rank - shape.length] = shape[axis] === 1 ? 0 : step
    step *= shape[axis]!
  }
  return steps
}

/**
 * Gathers, for every index of the reduced shape, the values along `axes` (ascending order of position), and puts
 * `reduce` of them there.
 */
export function reduceAxes(
  x: Array64,
  axes: readonly number[],
  keepDims: boolean,
  reduce: (values: readonly number[]) => number,
  dtype: DType = x.dtype,
): Array64 {
  const kept = x.shape.map((d, axis) => (axes.includes(axis) ? 1 : d))
  const groups: number[][] = Array.from({ length: sizeOf(kept) }, () => [])
  forEachIndex(x.shape, (index, offset) => {
    groups[
      offsetOf(
        kept,
        index.map((i, axis) => (axes.includes(axis) ? 0 : i)),
      )
    ]!.push(x.data[offset]!)
  })
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis))
  return array64(dtype, shape, Float64Array.from(groups, reduce))
}
