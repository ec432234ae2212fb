/** Random numbers. Each run of a session goes on with the stream; equal seeds start equal streams. */
import { tensor, type DType } from '../dtype.ts'
import { onnxTypes } from '../onnx/data-type.ts'
import { array64 } from '../reference/array.ts'
import { isStatic, type Shape } from '../shape.ts'
import { defineOp } from './define.ts'
import { emitShape, resolveShape, type DimSource } from './dynamic.ts'

export interface RandomAttributes {
  readonly shape: Shape
  readonly sources: readonly DimSource[]
  readonly dtype: DType
  readonly seed: number
  readonly mean: number
  readonly scale: number
}

export const randomNormal = defineOp<'0+', RandomAttributes>({
  name: 'randomNormal',
  inputs: '0+',
  infer: (_, { dtype, shape }) => [{ dtype, shape }],
  emit: (e, inputs, { shape, sources, dtype, seed, mean, scale }) => {
    const how = { mean: { float: mean }, scale: { float: scale }, seed: { float: seed } }
    if (isStatic(shape)) return [e.add('RandomNormal', [], { ...how, shape, dtype: onnxTypes[dtype] })]
    const like = e.add('ConstantOfShape', [emitShape(e, sources, inputs)], { value: tensor([0], [1], dtype) })
    return [e.add('RandomNormalLike', [like], how)]
  },
  // Only the sizes of its inputs matter.
  grad: (_, inputs) => inputs.map(() => null),
  isRandom: true,
  // Another generator than onnxruntime's: the distribution is the same, the numbers are not.
  reference: (inputs, { sources, dtype, seed, mean, scale }) => {
    const uniform = mulberry32(seed)
    const x = array64(dtype, resolveShape(sources, inputs))
    return [
      {
        ...x,
        data: x.data.map(
          () => mean + scale * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
        ),
      },
    ]
  },
})

/** A small generator of uniform numbers in [0, 1), for the reference only. */
function mulberry32(seed: number): () => number {
  let state = Math.trunc(seed) >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
