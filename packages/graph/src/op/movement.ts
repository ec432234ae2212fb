/** Operators that move elements without computing: reshaping, cutting, joining, padding. */
import { tensor } from '../dtype.ts'
import type { Operators } from '../operators.ts'
import { array64, at, build, mapBroadcast } from '../reference/array.ts'
import { addDim, ceilDiv, formatShape, multiplyDims, sumDims, type Dim, type Shape } from '../shape.ts'
import { sameDtype, type Value } from '../value.ts'
import { defineOp } from './define.ts'
import { emitShape, resolveShape, type DimSource } from './dynamic.ts'

export interface ReshapeAttributes {
  /** The result's shape. */
  readonly shape: Shape
  /** How to find it: as in ONNX, 0 copies the size at the same place and one -1 takes what is left. */
  readonly sources: readonly DimSource[]
}

export interface ShapeAttributes {
  readonly shape: Shape
  readonly sources: readonly DimSource[]
}

export interface SplitAttributes {
  readonly sizes: readonly Dim[]
  readonly sources: readonly DimSource[]
  readonly axis: number
}

export interface SliceAttributes {
  readonly axes: readonly number[]
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly steps: readonly number[]
}

export interface PadAttributes {
  readonly pads: readonly (readonly [number, number])[]
  readonly mode: 'constant' | 'reflect' | 'edge'
  readonly value: number
}

export const reshape = defineOp<'1+', ReshapeAttributes>({
  name: 'reshape',
  inputs: '1+',
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
  emit: (e, inputs, { sources }) => [e.add('Reshape', [inputs[0], emitShape(e, sources, inputs)])],
  grad: (g, [x], [dy]) => [g.reshape(dy, x.shape)],
  reference: (inputs, { sources }) => {
    const [x] = inputs
    const shape = resolveShape(sources, inputs).map((d, i) => (d === 0 ? x.shape[i]! : d))
    const left = shape.indexOf(-1)
    if (left >= 0) shape[left] = x.data.length / -shape.reduce((a, b) => a * b, 1)
    return [array64(x.dtype, shape, x.data)]
  },
})

export const transpose = defineOp<1, { readonly permutation: readonly number[] }>({
  name: 'transpose',
  inputs: 1,
  infer: ([x], { permutation }) => {
    if (
      permutation.toSorted((a, b) => a - b).some((p, i) => p !== i) ||
      permutation.length !== x.shape.length
    ) {
      throw new Error(
        `internal: [${permutation.join(', ')}] does not permute the axes of ${formatShape(x.shape)}`,
      )
    }
    return [{ dtype: x.dtype, shape: permutation.map((p) => x.shape[p]!) }]
  },
  emit: ({ add }, [x], { permutation }) => [add('Transpose', [x], { perm: permutation })],
  grad: (g, _, [dy], { attributes: { permutation } }) => [
    g.transpose(
      dy,
      permutation.map((_, i) => permutation.indexOf(i)),
    ),
  ],
  reference: ([x], { permutation }) => [
    build(
      x.dtype,
      permutation.map((p) => x.shape[p]!),
      (index) =>
        at(
          x,
          permutation.map((_, i) => index[permutation.indexOf(i)]!),
        ),
    ),
  ],
})

export const expand = defineOp<'1+', ShapeAttributes>({
  name: 'expand',
  inputs: '1+',
  infer: ([x], { shape }) => [{ dtype: x.dtype, shape }],
  emit: (e, inputs, { sources }) => [e.add('Expand', [inputs[0], emitShape(e, sources, inputs)])],
  grad: (g, [x], [dy]) => [g.sumTo(dy, x.shape)],
  reference: (inputs, { sources }) => {
    const [x] = inputs
    return [mapBroadcast([x, array64(x.dtype, resolveShape(sources, inputs))], (v) => v)]
  },
})

export const concat = defineOp<'1+', { readonly axis: number }>({
  name: 'concat',
  inputs: '1+',
  infer: (xs, { axis }) => {
    const dtype = sameDtype('concat', ...xs)
    const [first] = xs
    for (const x of xs) {
      if (
        x.shape.length !== first.shape.length ||
        x.shape.some((d, i) => i !== axis && d !== first.shape[i])
      ) {
        throw new Error(
          `internal: concat along axis ${axis} of ${xs.map((x) => formatShape(x.shape)).join(' and ')}`,
        )
      }
    }
    return [{ dtype, shape: first.shape.with(axis, sumDims(xs.map((x) => x.shape[axis]!))) }]
  },
  emit: ({ add }, xs, { axis }) => [add('Concat', xs, { axis })],
  grad: (g, xs, [dy], { attributes: { axis } }) =>
    g.split(
      dy,
      xs.map((x) => x.shape[axis]!),
      { axis },
    ),
  reference: (xs, { axis }) => {
    const [first] = xs
    const shape = first.shape.with(
      axis,
      xs.reduce((sum, x) => sum + x.shape[axis]!, 0),
    )
    return [
      build(first.dtype, shape, (index) => {
        let position = index[axis]!
        for (const x of xs) {
          if (position < x.shape[axis]!) return at(x, index.with(axis, position))
          position -= x.shape[axis]!
        }
        return NaN
      }),
    ]
  },
})

export const split = defineOp<'1+', SplitAttributes>({
  name: 'split',
  inputs: '1+',
  infer: ([x], { sizes, axis }) => {
    const d = x.shape[axis]
    const total = sumDims(sizes)
    if (typeof d === 'number' && typeof total === 'number' && d !== total) {
      throw new Error(`internal: cannot split ${d} into [${sizes.join(', ')}]`)
    }
    return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.with(axis, size) }))
  },
  emit: (e, inputs, { sources, axis }) => {
    const count = { count: sources.length, required: sources.length }
    return e.addMany('Split', [inputs[0], emitShape(e, sources, inputs)], { axis }, count)
  },
  grad: (g, _, dys, { attributes: { axis } }) => [g.concat(dys, { axis })],
  reference: (inputs, { sources, axis }) => {
    const [x] = inputs
    let start = 0
    return resolveShape(sources, inputs).map((size) => {
      const from = start
      start += size
      return build(x.dtype, x.shape.with(axis, size), (index) => at(x, index.with(axis, from + index[axis]!)))
    })
  },
})

export const slice = defineOp<1, SliceAttributes>({
  name: 'slice',
  inputs: 1,
  infer: ([x], { axes, starts, ends, steps }) => {
    const shape = [...x.shape]
    axes.forEach((axis, i) => {
      shape[axis] = sliceDim(x.shape[axis]!, starts[i]!, ends[i]!, steps[i]!)
    })
    return [{ dtype: x.dtype, shape }]
  },
  emit: (e, [x], { axes, starts, ends, steps }) => {
    // The ONNX reading of "to the end" is any position beyond it.
    const far = (v: number): number =>
      Math.min(Math.max(v, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
    const parts = [e.int64(starts.map(far)), e.int64(ends.map(far)), e.int64(axes)]
    return [e.add('Slice', [x, ...parts, ...(steps.every((s) => s === 1) ? [] : [e.int64(steps)])])]
  },
  grad: (g, [x], [dy], { attributes }) => {
    let dx = dy
    attributes.axes.forEach((axis, i) => {
      dx = unslice(g, dx, axis, x.shape[axis]!, {
        start: attributes.starts[i]!,
        end: attributes.ends[i]!,
        step: attributes.steps[i]!,
      })
    })
    return [dx]
  },
  reference: ([x], { axes, starts, ends, steps }) => {
    const shape = [...x.shape]
    const first = x.shape.map(() => 0)
    const step = x.shape.map(() => 1)
    axes.forEach((axis, i) => {
      const range = sliceRange(x.shape[axis]!, starts[i]!, ends[i]!, steps[i]!)
      shape[axis] = range.length
      first[axis] = range.first
      step[axis] = steps[i]!
    })
    return [
      build(x.dtype, shape, (index) =>
        at(
          x,
          index.map((i, axis) => first[axis]! + i * step[axis]!),
        ),
      ),
    ]
  },
})

export const pad = defineOp<1, PadAttributes>({
  name: 'pad',
  inputs: 1,
  infer: ([x], { pads, mode }) => {
    if (pads.length !== x.shape.length)
      throw new Error(`internal: pad wants one pair for each axis of ${formatShape(x.shape)}`)
    const shape = x.shape.map((d, i) => {
      const [before, after] = pads[i]!
      if (mode === 'reflect' && typeof d === 'number' && Math.max(before, after) >= d) {
        throw new Error(
          `internal: cannot reflect ${Math.max(before, after)} of ${d} elements without the edge`,
        )
      }
      return addDim(d, before + after)
    })
    return [{ dtype: x.dtype, shape }]
  },
  emit: (e, [x], { pads, mode, value }, { inputs: [type] }) => {
    const amounts = e.int64([...pads.map(([before]) => before), ...pads.map(([, after]) => after)])
    const filling = mode === 'constant' && value !== 0 ? [e.constant(tensor([value], [], type!.dtype))] : []
    return [e.add('Pad', [x, amounts, ...filling], { mode })]
  },
  grad: (g, _, [dy], { attributes: { pads, mode } }) => {
    let dx = dy
    pads.forEach(([before, after], axis) => {
      if (before > 0 || after > 0) dx = unpad(g, dx, axis, before, after, mode)
    })
    return [dx]
  },
  reference: ([x], { pads, mode, value }) => {
    const shape = x.shape.map((d, i) => d + pads[i]![0] + pads[i]![1])
    return [
      build(x.dtype, shape, (index) => {
        const from = index.map((p, axis) => source(p - pads[axis]![0], x.shape[axis]!, mode))
        return from.includes(-1) ? value : at(x, from)
      }),
    ]
  },
})

export const tile = defineOp<1, { readonly repeats: readonly number[] }>({
  name: 'tile',
  inputs: 1,
  infer: ([x], { repeats }) => {
    if (repeats.length !== x.shape.length)
      throw new Error(`internal: tile wants one number for each axis of ${formatShape(x.shape)}`)
    return [{ dtype: x.dtype, shape: x.shape.map((d, i) => multiplyDims([repeats[i]!, d])) }]
  },
  emit: (e, [x], { repeats }) => [e.add('Tile', [x, e.int64(repeats)])],
  grad: (g, [x], [dy], { attributes: { repeats } }) => {
    const split = g.reshape(
      dy,
      x.shape.flatMap((d, i): Dim[] => [repeats[i]!, d]),
    )
    return [g.sum(split, { axes: x.shape.map((_, i) => 2 * i) })]
  },
  reference: ([x], { repeats }) => [
    build(
      x.dtype,
      x.shape.map((d, i) => d * repeats[i]!),
      (index) =>
        at(
          x,
          index.map((p, axis) => p % x.shape[axis]!),
        ),
    ),
  ],
})

interface Range {
  readonly start: number
  readonly end: number
  readonly step: number
}

/** Puts a slice's gradient back into zeros of the size `d` along one axis. */
function unslice(g: Operators, dy: Value, axis: number, d: Dim, { start, end, step }: Range): Value {
  if (step < 0) {
    const flipped = g.slice(dy, { axes: [axis], starts: [-1], ends: [-Infinity], steps: [-1] })
    if (typeof d !== 'number') return unslice(g, flipped, axis, d, { start: 0, end: Infinity, step: -step })
    const { first, length } = sliceRange(d, start, end, step)
    return unslice(g, flipped, axis, d, { start: first + (length - 1) * step, end: first + 1, step: -step })
  }
  const count = dy.shape[axis]!
  let spread = dy
  let length = count
  if (step > 1) {
    // Every element is followed by step - 1 zeros: a new axis, padded and folded in.
    const lifted = g.unsqueeze(dy, [axis + 1])
    const pads = lifted.shape.map((_, i): [number, number] => [0, i === axis + 1 ? step - 1 : 0])
    length = multiplyDims([count, step])
    spread = g.reshape(g.pad(lifted, { pads }), dy.shape.with(axis, length))
  }
  const before = start >= 0 ? start : typeof d === 'number' ? Math.max(d + start, 0) : addDim(d, start)
  const covered = sumDims([before, length])
  const missing = typeof covered === 'number' ? addDim(d, -covered) : difference(d, covered)
  if (typeof missing === 'number' && missing < 0) {
    // The last element's trailing zeros reach beyond the end.
    spread = g.slice(spread, { axes: [axis], starts: [0], ends: [missing] })
  }
  if (typeof before === 'number' && typeof missing === 'number') {
    if (before === 0 && missing <= 0) return spread
    return g.pad(spread, {
      pads: spread.shape.map((_, i) => (i === axis ? [before, Math.max(missing, 0)] : [0, 0])),
    })
  }
  const zeros = (size: Dim): Value[] =>
    typeof size === 'number' && size <= 0 ? [] : [g.fill(0, dy.shape.with(axis, size), dy.dtype)]
  return g.concat([...zeros(before), spread, ...zeros(missing)], { axis })
}

function difference(whole: Dim, part: string): Dim {
  for (let k = -64; k <= 64; k++) if (addDim(part, k) === whole) return k
  throw new Error(`internal: slice has no derivative here: ${whole} - ${part} is not a fixed number`)
}

/** Folds a padded gradient back onto the elements that it was copied from. */
function unpad(
  g: Operators,
  dy: Value,
  axis: number,
  before: number,
  after: number,
  mode: PadAttributes['mode'],
): Value {
  const part = (start: number, end: number): Value =>
    g.slice(dy, { axes: [axis], starts: [start], ends: [end] })
  const core = part(before, after === 0 ? Infinity : -after)
  if (mode === 'constant') return core
  let dx = core
  if (before > 0) dx = addAt(g, dx, axis, mode === 'edge' ? 0 : 1, folded(g, part(0, before), axis, mode))
  if (after > 0) {
    const tail = folded(g, part(-after, Infinity), axis, mode)
    dx = addAt(g, dx, axis, mode === 'edge' ? -1 : -1 - after, tail)
  }
  return dx
}

function folded(g: Operators, side: Value, axis: number, mode: PadAttributes['mode']): Value {
  return mode === 'edge'
    ? g.sum(side, { axes: [axis], keepDims: true })
    : g.slice(side, { axes: [axis], starts: [-1], ends: [-Infinity], steps: [-1] })
}

/** Adds `part` to x from position `start` on; works for named sizes because it only cuts at fixed places. */
function addAt(g: Operators, x: Value, axis: number, start: number, part: Value): Value {
  const length = part.shape[axis] as number
  const end = start + length
  const cut = (from: number, to: number): Value => g.slice(x, { axes: [axis], starts: [from], ends: [to] })
  const isEnd = start < 0 && end >= 0
  const middle = g.add(cut(start, isEnd ? Infinity : end), part)
  const head = start === 0 ? [] : [cut(0, start)]
  const tail = isEnd ? [] : [cut(end, Infinity)]
  return g.concat(
    [...head, middle, ...tail].filter((v) => v.shape[axis] !== 0),
    { axis },
  )
}

/** Where a padded position comes from; -1 is the filling. */
function source(position: number, d: number, mode: PadAttributes['mode']): number {
  if (position >= 0 && position < d) return position
  if (mode === 'constant') return -1
  if (mode === 'edge') return position < 0 ? 0 : d - 1
  return position < 0 ? -position : 2 * (d - 1) - position
}

/** First position and number of positions of a slice, clamped as in numpy. */
function sliceRange(
  d: number,
  start: number,
  end: number,
  step: number,
): { readonly first: number; readonly length: number } {
  const [low, high] = step > 0 ? [0, d] : [-1, d - 1]
  const place = (v: number): number => Math.min(Math.max(v < 0 ? v + d : v, low), high)
  const first = place(start)
  return { first, length: Math.max(0, Math.ceil((place(end) - first) / step)) }
}

function sliceDim(d: Dim, start: number, end: number, step: number): Dim {
  if (step === 0) throw new Error('internal: slice with step 0')
  if (typeof d === 'number') return sliceRange(d, start, end, step).length
  if (step < 0) {
    if (start === -1 && end === -Infinity) return ceilDiv(d, -step)
    throw new Error(`internal: a backward slice of the named size ${d} must cover it whole`)
  }
  if (end === Infinity) return start >= 0 ? ceilDiv(addDim(d, -start), step) : Math.ceil(-start / step)
  if (start >= 0 === end >= 0) return Math.max(0, Math.ceil((end - start) / step))
  if (start >= 0) return ceilDiv(addDim(d, end - start), step)
  throw new Error(
    `internal: the length of a slice from ${start} to ${end} of the named size ${d} is not fixed`,
  )
}
