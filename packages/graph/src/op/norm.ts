/** Normalisations, and softmax. */
import { scalar } from '../dtype.ts'
import { array64, mapBroadcast, reduceAxes, type Array64 } from '../reference/array.ts'
import { formatShape, type Dim, type Shape } from '../shape.ts'
import { sameDtype, type Value } from '../value.ts'
import { defineOp } from './define.ts'

export const softmax = defineOp<1, { readonly axis: number }>({
  name: 'softmax',
  inputs: 1,
  infer: ([x]) => [x],
  emit: ({ add }, [x], { axis }) => [add('Softmax', [x], { axis })],
  grad: (g, _, [dy], { attributes: { axis }, outputs: [y] }) => {
    const weighted = g.mul(dy, y)
    return [g.sub(weighted, g.mul(y, g.sum(weighted, { axes: [axis], keepDims: true })))]
  },
  reference: ([x], { axis }) => [logSoftmaxOf(x, axis, Math.exp)],
})

export const logSoftmax = defineOp<1, { readonly axis: number }>({
  name: 'logSoftmax',
  inputs: 1,
  infer: ([x]) => [x],
  emit: ({ add }, [x], { axis }) => [add('LogSoftmax', [x], { axis })],
  grad: (g, _, [dy], { attributes: { axis }, outputs: [y] }) => [
    g.sub(dy, g.mul(g.exp(y), g.sum(dy, { axes: [axis], keepDims: true }))),
  ],
  reference: ([x], { axis }) => [logSoftmaxOf(x, axis, (v) => v)],
})

/** Over the last axis. Inputs: x, scale, bias. Outputs: y, then mean and inverse deviation for the gradient. */
export const layerNorm = defineOp<3, { readonly eps: number }>({
  name: 'layerNorm',
  inputs: 3,
  infer: ([x, scale, bias]) => {
    const dtype = sameDtype('layerNorm', x, scale, bias)
    for (const v of [scale, bias]) {
      if (v.shape.length !== 1 || v.shape[0] !== x.shape.at(-1)) {
        throw new Error(`internal: layerNorm of ${formatShape(x.shape)} with ${formatShape(v.shape)}`)
      }
    }
    const one = { dtype, shape: x.shape.with(x.shape.length - 1, 1) }
    return [{ dtype, shape: x.shape }, one, one]
  },
  emit: (e, inputs, { eps }) =>
    e.addMany('LayerNormalization', inputs, { axis: -1, epsilon: { float: eps } }, { count: 3, required: 1 }),
  grad: (g, [x, scale, bias], [dy], { outputs: [, mean, inverse] }) => {
    const standard = g.mul(g.sub(x, mean!), inverse!)
    const scaled = g.mul(dy, scale)
    const over = { axes: [-1], keepDims: true }
    const centred = g.sub(
      g.sub(scaled, g.mean(scaled, over)),
      g.mul(standard, g.mean(g.mul(scaled, standard), over)),
    )
    return [g.mul(centred, inverse!), g.sumTo(g.mul(dy, standard), scale.shape), g.sumTo(dy, bias.shape)]
  },
  reference: ([x, scale, bias], { eps }) => {
    const { standard, mean, inverse } = standardised(x, [x.shape.length - 1], eps)
    return [mapBroadcast([standard, scale, bias], (s, w, b) => s * w + b), mean, inverse]
  },
})

/** Given statistics, channels on axis 1. Inputs: x, scale, bias, mean, variance. */
export const batchNorm = defineOp<'1+', { readonly eps: number }>({
  name: 'batchNorm',
  inputs: '1+',
  infer: ([x, ...rest]) => {
    checkChannels('batchNorm', x, rest)
    return [{ dtype: sameDtype('batchNorm', x, ...rest), shape: x.shape }]
  },
  emit: ({ add }, inputs, { eps }) => [add('BatchNormalization', inputs, { epsilon: { float: eps } })],
  grad: (g, inputs, [dy], { attributes: { eps } }) => {
    const [x, scale, bias, mean, variance] = inputs as readonly [Value, Value, Value, Value, Value]
    const spread = (v: Value): Value => g.reshape(v, channelShape(x.shape))
    const inverse = g.reciprocal(g.sqrt(g.add(variance, eps)))
    const axes = allButChannels(x.shape)
    const dBias = g.sum(dy, { axes })
    const dScale = g.mul(g.sum(g.mul(dy, g.sub(x, spread(mean))), { axes }), inverse)
    const factor = g.mul(scale, inverse)
    return [
      g.mul(dy, spread(factor)),
      dScale,
      g.reshape(dBias, bias.shape),
      g.neg(g.mul(dBias, factor)),
      g.mul(g.mul(dScale, scale), g.div(-0.5, g.add(variance, eps))),
    ]
  },
  reference: (inputs, { eps }) => {
    const [x, ...rest] = inputs
    const shape = channelShape(x.shape) as readonly number[]
    const parameters = rest.map((v) => array64(v.dtype, shape, v.data))
    return [mapBroadcast([x, ...parameters], (v, s, b, m, q) => ((v - m) / Math.sqrt(q + eps)) * s + b)]
  },
})

/**
 * With the statistics of the batch. Inputs: x, scale, bias. Outputs: y, mean and (biased) variance of each channel,
 * and for the gradient x - mean and the inverse deviation. Only y has a gradient; it accounts for the statistics.
 */
export const batchNormTraining = defineOp<3, { readonly eps: number }>({
  name: 'batchNormTraining',
  inputs: 3,
  infer: ([x, scale, bias]) => {
    const dtype = sameDtype('batchNormTraining', x, scale, bias)
    checkChannels('batchNormTraining', x, [scale, bias])
    const channels = { dtype, shape: scale.shape }
    const whole = { dtype, shape: x.shape }
    return [whole, channels, channels, whole, { dtype, shape: channelShape(x.shape) }]
  },
  emit: (e, [x, scale, bias], { eps }, { inputs: [type] }) => {
    const axes = e.int64(allButChannels(type!.shape))
    const spread = (v: string): string =>
      type!.shape.length === 2
        ? v
        : e.add('Reshape', [v, e.int64(channelShape(type!.shape).map((d) => (d === 1 ? 1 : -1)))])
    const flat = (v: string): string => e.add('Reshape', [v, e.int64([-1])])
    const mean = e.add('ReduceMean', [x, axes], { keepdims: 1 })
    const centred = e.add('Sub', [x, mean])
    const variance = e.add('ReduceMean', [e.add('Mul', [centred, centred]), axes], { keepdims: 1 })
    const epsilon = e.constant(scalar(eps, type!.dtype))
    const inverse = e.add('Reciprocal', [e.add('Sqrt', [e.add('Add', [variance, epsilon])])])
    const scaled = e.add('Mul', [centred, e.add('Mul', [inverse, spread(scale)])])
    return [e.add('Add', [scaled, spread(bias)]), flat(mean), flat(variance), centred, inverse]
  },
  // One sum of dy and one of dy (x - mean) serve all three gradients.
  grad: (g, [x, scale], [dy], { outputs: [, , , centred, inverse] }) => {
    const axes = allButChannels(x.shape)
    const over = { axes, keepDims: true }
    const count = g.countOf(x, axes)
    const dBias = g.sum(dy, over)
    const dScale = g.mul(g.sum(g.mul(dy, centred!), over), inverse!)
    const slope = g.div(g.mul(dScale, inverse!), count)
    const dx = g.sub(g.sub(dy, g.mul(centred!, slope)), g.div(dBias, count))
    const factor = g.mul(inverse!, g.reshape(scale, channelShape(x.shape)))
    return [g.mul(dx, factor), g.reshape(dScale, scale.shape), g.reshape(dBias, scale.shape)]
  },
  reference: ([x, scale, bias], { eps }) => {
    const axes = allButChannels(x.shape)
    const { standard, mean, variance, inverse } = standardised(x, axes, eps)
    const spread = (v: Array64): Array64 => array64(v.dtype, mean.shape, v.data)
    const y = mapBroadcast([standard, spread(scale), spread(bias)], (v, s, b) => v * s + b)
    const centred = mapBroadcast([x, mean], (v, m) => v - m)
    return [
      y,
      array64(x.dtype, scale.shape, mean.data),
      array64(x.dtype, scale.shape, variance.data),
      centred,
      inverse,
    ]
  },
})

function allButChannels(shape: Shape): readonly number[] {
  return shape.flatMap((_, i) => (i === 1 ? [] : [i]))
}

function checkChannels(operator: string, x: Value, parameters: readonly Value[]): void {
  for (const v of parameters) {
    if (v.shape.length !== 1 || v.shape[0] !== x.shape[1]) {
      throw new Error(`internal: ${operator} of ${formatShape(x.shape)} with ${formatShape(v.shape)}`)
    }
  }
}

function channelShape(shape: Shape): Shape {
  return shape.map((d, i): Dim => (i === 1 ? d : 1))
}

interface Standardised {
  readonly standard: Array64
  readonly mean: Array64
  readonly variance: Array64
  readonly inverse: Array64
}

function standardised(x: Array64, axes: readonly number[], eps: number): Standardised {
  const average = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  const mean = reduceAxes(x, axes, true, average)
  const squares = mapBroadcast([x, mean], (v, m) => (v - m) ** 2)
  const variance = reduceAxes(squares, axes, true, average)
  const inverse = mapBroadcast([variance], (v) => 1 / Math.sqrt(v + eps))
  const standard = mapBroadcast([x, mean, inverse], (v, m, i) => (v - m) * i)
  return { standard, mean, variance, inverse }
}

function logSoftmaxOf(x: Array64, axis: number, finish: (v: number) => number): Array64 {
  const top = reduceAxes(x, [axis], true, (values) => Math.max(...values))
  const total = reduceAxes(
    mapBroadcast([x, top], (v, t) => Math.exp(v - t)),
    [axis],
    true,
    (values) => values.reduce((a, b) => a + b, 0),
  )
  return mapBroadcast([x, top, total], (v, t, s) => finish(v - t - Math.log(s)))
}
