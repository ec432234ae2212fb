/**
 * Operators that treat every element alone, with numpy broadcasting.
 *
 * Rules multiply `dy` by constants first: a gradient that is still small, as that of a mean is, stays small.
 */
import { isFloat, scalar, type DType } from '../dtype.ts'
import { onnxTypes } from '../onnx/data-type.ts'
import type { Operators } from '../operators.ts'
import { mapBroadcast, mapValues } from '../reference/array.ts'
import { erf, roundHalfEven } from '../reference/special.ts'
import { broadcastAxes, broadcastShapes, type Dim } from '../shape.ts'
import { sameDtype, type Value } from '../value.ts'
import { defineOp, type GradRule, type TypedOp } from './define.ts'

type None = Record<string, never>

export const add = binary(
  'add',
  'Add',
  (a, b) => a + b,
  (g, [a, b], [dy], { outputs: [y] }) => [reduceTo(g, dy, y, a), reduceTo(g, dy, y, b)],
)
export const sub = binary(
  'sub',
  'Sub',
  (a, b) => a - b,
  (g, [a, b], [dy], { outputs: [y] }) => [reduceTo(g, dy, y, a), reduceTo(g, g.neg(dy), y, b)],
)
export const mul = binary(
  'mul',
  'Mul',
  (a, b) => a * b,
  (g, [a, b], [dy], { outputs: [y] }) => [reduceTo(g, g.mul(dy, b), y, a), reduceTo(g, g.mul(dy, a), y, b)],
)
export const div = binary(
  'div',
  'Div',
  (a, b) => a / b,
  (g, [a, b], [dy], { outputs: [y] }) => {
    const da = g.div(dy, b)
    return [reduceTo(g, da, y, a), reduceTo(g, g.neg(g.mul(da, y)), y, b)]
  },
)
export const pow = binary(
  'pow',
  'Pow',
  (a, b) => a ** b,
  (g, [a, b], [dy], { outputs: [y] }) => [
    reduceTo(g, g.mul(g.mul(dy, b), g.pow(a, g.sub(b, 1))), y, a),
    reduceTo(g, g.mul(dy, g.mul(y, g.log(a))), y, b),
  ],
)
export const minimum = binary('minimum', 'Min', Math.min, (g, [a, b], [dy], { outputs: [y] }) => [
  reduceTo(g, g.mul(dy, shareOf(g, b, a)), y, a),
  reduceTo(g, g.mul(dy, shareOf(g, a, b)), y, b),
])
export const maximum = binary('maximum', 'Max', Math.max, (g, [a, b], [dy], { outputs: [y] }) => [
  reduceTo(g, g.mul(dy, shareOf(g, a, b)), y, a),
  reduceTo(g, g.mul(dy, shareOf(g, b, a)), y, b),
])

export const neg = unary(
  'neg',
  'Neg',
  (v) => -v,
  (g, _, [dy]) => [g.neg(dy)],
)
export const abs = unary('abs', 'Abs', Math.abs, (g, [x], [dy]) => [g.mul(dy, g.sign(x))])
export const exp = unary('exp', 'Exp', Math.exp, (g, _, [dy], { outputs: [y] }) => [g.mul(dy, y)])
export const log = unary('log', 'Log', Math.log, (g, [x], [dy]) => [g.div(dy, x)])
export const sqrt = unary('sqrt', 'Sqrt', Math.sqrt, (g, _, [dy], { outputs: [y] }) => [
  g.div(g.mul(dy, 0.5), y),
])
export const reciprocal = unary(
  'reciprocal',
  'Reciprocal',
  (v) => 1 / v,
  (g, _, [dy], { outputs: [y] }) => [g.neg(g.mul(dy, g.square(y)))],
)
export const sin = unary('sin', 'Sin', Math.sin, (g, [x], [dy]) => [g.mul(dy, g.cos(x))])
export const cos = unary('cos', 'Cos', Math.cos, (g, [x], [dy]) => [g.neg(g.mul(dy, g.sin(x)))])
export const tanh = unary('tanh', 'Tanh', Math.tanh, (g, _, [dy], { outputs: [y] }) => [
  g.mul(dy, g.sub(1, g.square(y))),
])
export const sigmoid = unary(
  'sigmoid',
  'Sigmoid',
  (v) => 1 / (1 + Math.exp(-v)),
  (g, _, [dy], { outputs: [y] }) => [g.mul(dy, g.mul(y, g.sub(1, y)))],
)
export const softplus = unary(
  'softplus',
  'Softplus',
  (v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v))),
  (g, [x], [dy]) => [g.mul(dy, g.sigmoid(x))],
)
export const relu = unary(
  'relu',
  'Relu',
  (v) => Math.max(v, 0),
  (g, _, [dy], { outputs: [y] }) => [g.mul(dy, isPositive(g, y))],
)
export const erfOp = unary('erf', 'Erf', erf, (g, [x], [dy]) => [
  g.mul(g.mul(dy, 2 / Math.sqrt(Math.PI)), g.exp(g.neg(g.square(x)))),
])
// d/dx x P(x) = P(x) + x p(x), where P and p are the distribution and density of the standard normal.
export const gelu = unary(
  'gelu',
  'Gelu',
  (v) => 0.5 * v * (1 + erf(v / Math.SQRT2)),
  (g, [x], [dy]) => {
    const distribution = g.add(g.mul(g.erf(g.mul(x, Math.SQRT1_2)), 0.5), 0.5)
    const density = g.mul(g.exp(g.mul(g.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))
    return [g.mul(dy, g.add(distribution, g.mul(x, density)))]
  },
)

export const floor = unary(
  'floor',
  'Floor',
  Math.floor,
  'floor has no useful derivative: it is flat almost everywhere',
)
export const ceil = unary(
  'ceil',
  'Ceil',
  Math.ceil,
  'ceil has no useful derivative: it is flat almost everywhere',
)
export const round = unary(
  'round',
  'Round',
  roundHalfEven,
  'round has no useful derivative: it is flat almost everywhere',
)
export const sign = unary(
  'sign',
  'Sign',
  Math.sign,
  'sign has no useful derivative: it is flat almost everywhere',
)

export const square = defineOp({
  name: 'square',
  inputs: 1,
  infer: ([x]) => [x],
  emit: ({ add }, [x]) => [add('Mul', [x, x])],
  grad: (g, [x], [dy]) => [g.mul(g.mul(dy, 2), x)],
  broadcastsGradient: true,
  reference: ([x]) => [mapValues(x, (v) => v * v)],
})

export const leakyRelu = defineOp<1, { readonly slope: number }>({
  name: 'leakyRelu',
  inputs: 1,
  infer: ([x]) => [x],
  emit: ({ add }, [x], { slope }) => [add('LeakyRelu', [x], { alpha: { float: slope } })],
  grad: (g, [x], [dy], { attributes: { slope } }) => [
    g.mul(dy, slope < 1 ? g.maximum(isPositive(g, x), slope) : g.where(g.greater(x, 0), 1, slope)),
  ],
  broadcastsGradient: true,
  reference: ([x], { slope }) => [mapValues(x, (v) => (v > 0 ? v : slope * v))],
})

export const clip = defineOp<1, { readonly min?: number; readonly max?: number }>({
  name: 'clip',
  inputs: 1,
  infer: ([x]) => [x],
  emit: ({ add, constant }, [x], { min, max }, { inputs: [value] }) => {
    const limit = (v: number | undefined): string =>
      v === undefined ? '' : constant(scalar(v, value!.dtype))
    return [add('Clip', max === undefined ? [x, limit(min)] : [x, limit(min), limit(max)])]
  },
  grad: (g, [x], [dy], { attributes: { min, max } }) => {
    const above = min === undefined ? [] : [g.greater(x, min)]
    const below = max === undefined ? [] : [g.less(x, max)]
    const [first, second] = [...above, ...below]
    if (first === undefined) return [dy]
    return [g.mul(dy, g.cast(second === undefined ? first : g.and(first, second), x.dtype))]
  },
  broadcastsGradient: true,
  reference: ([x], { min = -Infinity, max = Infinity }) => [
    mapValues(x, (v) => Math.min(Math.max(v, min), max)),
  ],
})

export const equal = comparison('equal', 'Equal', (a, b) => a === b)
export const greater = comparison('greater', 'Greater', (a, b) => a > b)
export const less = comparison('less', 'Less', (a, b) => a < b)
export const greaterOrEqual = comparison('greaterOrEqual', 'GreaterOrEqual', (a, b) => a >= b)
export const lessOrEqual = comparison('lessOrEqual', 'LessOrEqual', (a, b) => a <= b)
export const and = comparison('and', 'And', (a, b) => a !== 0 && b !== 0)
export const or = comparison('or', 'Or', (a, b) => a !== 0 || b !== 0)

export const not = defineOp({
  name: 'not',
  inputs: 1,
  infer: ([x]) => [x],
  emit: ({ add }, [x]) => [add('Not', [x])],
  grad: 'not has no derivative',
  reference: ([x]) => [mapValues(x, (v) => Number(v === 0))],
})

export const where = defineOp<3>({
  name: 'where',
  inputs: 3,
  infer: ([c, a, b]) => {
    if (c.dtype !== 'bool') throw new Error(`internal: where wants a bool condition, not ${c.dtype}`)
    return [{ dtype: sameDtype('where', a, b), shape: broadcastShapes(c.shape, a.shape, b.shape) }]
  },
  emit: ({ add }, inputs) => [add('Where', inputs)],
  grad: (g, [c, a, b], [dy], { outputs: [y] }) => [
    null,
    reduceTo(g, g.where(c, dy, 0), y, a),
    reduceTo(g, g.where(c, 0, dy), y, b),
  ],
  broadcastsGradient: true,
  reference: ([c, a, b]) => [mapBroadcast([c, a, b], (c, a, b) => (c === 0 ? b : a), a.dtype)],
})

export const cast = defineOp<1, { readonly dtype: DType }>({
  name: 'cast',
  inputs: 1,
  infer: ([x], { dtype }) => [{ dtype, shape: x.shape }],
  emit: ({ add }, [x], { dtype }) => [add('Cast', [x], { to: onnxTypes[dtype] })],
  grad: (g, [x], [dy]) => [isFloat(x.dtype) ? g.cast(dy, x.dtype) : null],
  broadcastsGradient: true,
  reference: ([x], { dtype }) => [
    mapValues(x, (v) => (isFloat(dtype) ? v : dtype === 'bool' ? Number(v !== 0) : Math.trunc(v)), dtype),
  ],
})

export const stopGradient = defineOp({
  name: 'stopGradient',
  inputs: 1,
  infer: ([x]) => [x],
  emit: (_, [x]) => [x],
  grad: () => [null],
  broadcastsGradient: true,
  reference: ([x]) => [x],
})

export const scaleGradient = defineOp<2>({
  name: 'scaleGradient',
  inputs: 2,
  infer: ([x, factor]) => {
    sameDtype('scaleGradient', x, factor)
    if (broadcastShapes(x.shape, factor.shape).some((d, i) => d !== x.shape[i])) {
      throw new Error(
        `internal: scaleGradient: the factor [${factor.shape.join(', ')}] is larger than the value`,
      )
    }
    return [x]
  },
  emit: (_, [x]) => [x],
  grad: (g, [, factor], [dy]) => [g.mul(dy, factor), null],
  broadcastsGradient: true,
  reference: ([x]) => [x],
})

function unary(
  name: string,
  opType: string,
  f: (v: number) => number,
  grad: GradRule<1, None> | string,
): TypedOp<None> {
  return defineOp({
    name,
    inputs: 1,
    infer: ([x]) => [x],
    emit: ({ add }, [x]) => [add(opType, [x])],
    grad,
    broadcastsGradient: true,
    reference: ([x]) => [mapValues(x, f)],
  })
}

function binary(
  name: string,
  opType: string,
  f: (a: number, b: number) => number,
  grad: GradRule<2, None>,
): TypedOp<None> {
  return defineOp({
    name,
    inputs: 2,
    infer: ([a, b]) => [{ dtype: sameDtype(name, a, b), shape: broadcastShapes(a.shape, b.shape) }],
    emit: ({ add }, [a, b]) => [add(opType, [a, b])],
    grad,
    broadcastsGradient: true,
    reference: ([a, b]) => [
      mapBroadcast([a, b], (x, y) => (isFloat(a.dtype) ? f(x, y) : Math.trunc(f(x, y)))),
    ],
  })
}

function comparison(name: string, opType: string, f: (a: number, b: number) => boolean): TypedOp<None> {
  return defineOp({
    name,
    inputs: 2,
    infer: ([a, b]) => {
      sameDtype(name, a, b)
      return [{ dtype: 'bool', shape: broadcastShapes(a.shape, b.shape) }]
    },
    emit: ({ add }, [a, b]) => [add(opType, [a, b])],
    grad: `${name} has no derivative`,
    reference: ([a, b]) => [mapBroadcast([a, b], (x, y) => Number(f(x, y)), 'bool')],
  })
}

/** 1 where x is positive, else 0; four times as fast on onnxruntime's CPU as Sign or Where. */
function isPositive(g: Operators, x: Value): Value {
  return g.cast(g.greater(x, 0), x.dtype)
}

/** 1 where `a` wins over `b`, a half where they tie, else 0. */
function shareOf(g: Operators, a: Value, b: Value): Value {
  const wins = g.cast(g.greater(a, b), a.dtype)
  const holds = g.cast(g.greaterOrEqual(a, b), a.dtype)
  return g.mul(g.add(wins, holds), 0.5)
}

/** Sums the gradient of a broadcast result to one operand; `dy` may be smaller than the result. */
function reduceTo(g: Operators, dy: Value, y: Value, operand: Value): Value {
  const { leading, ones } = broadcastAxes(y.shape, operand.shape)
  if (leading === 0 && ones.length === 0) return dy
  const missing = y.shape.length - dy.shape.length
  const dyDim = (axis: number): Dim => dy.shape[axis - missing] ?? 1
  const isFull = y.shape.every((d, axis) => dyDim(axis) === d || (axis >= leading && !ones.includes(axis)))
  if (missing > 0 || !isFull) return g.sumTo(g.expand(dy, y.shape), operand.shape)
  return g.sumTo(
    dy,
    operand.shape.map((d, i) => (dyDim(i + leading) === 1 ? 1 : d)),
  )
}
