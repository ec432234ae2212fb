import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { numbers } from '../testing/op-case.ts'
import {
  adam,
  adamW,
  print,
  tensor,
  toNumbers,
  trainStep,
  writeOnnx,
  type Tensor,
  type TrainStepSpec,
} from './index.ts'
import { evaluate } from './reference/index.ts'

/** A small network with a running statistic: linear, batch norm, leaky ReLU, linear; logistic loss. */
const network: TrainStepSpec = {
  name: 'network',
  batch: { x: { dtype: 'float32', shape: ['n', 3] }, label: { dtype: 'float32', shape: ['n'] } },
  parameters: {
    'body.weight': numbers([4, 3], { from: -0.5, to: 0.5 }),
    'body.scale': tensor([1, 1, 1, 1], [4]),
    'body.bias': tensor([0, 0, 0, 0], [4]),
    'head.weight': numbers([1, 4], { seed: 2, from: -0.5, to: 0.5 }),
  },
  buffers: { mean: tensor([0, 0, 0, 0], [4]), variance: tensor([1, 1, 1, 1], [4]) },
  forward: (g, { batch, parameter, buffer }) => {
    const linear = g.gemm(batch('x'), parameter('body.weight'), undefined, { transB: true })
    const { y, mean, variance } = g.batchNormTraining(linear, {
      scale: parameter('body.scale'),
      bias: parameter('body.bias'),
      mean: buffer('mean'),
      variance: buffer('variance'),
    })
    const logits = g.squeeze(
      g.gemm(g.leakyRelu(y, 0.2), parameter('head.weight'), undefined, { transB: true }),
      [1],
    )
    const loss = g.mean(g.sub(g.softplus(logits), g.mul(logits, batch('label'))))
    return { loss, outputs: { logits }, buffers: { mean, variance } }
  },
  groups: [
    { parameters: ['body.weight', 'body.scale', 'body.bias'], optimiser: adamW.with({ weightDecay: 0 }) },
    { parameters: ['head.weight'], optimiser: adam.with(), learningRate: 'learningRate.head' },
  ],
  maxGradientNorm: 1,
}

test('onnxruntime learns by looping outputs back to inputs, knowing names only', async () => {
  const { graph, carried, learningRates } = trainStep(network)
  expect(learningRates).toEqual(['learningRate', 'learningRate.head'])
  const session = await InferenceSession.create(writeOnnx(graph), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  const x = numbers([16, 3], { seed: 3 })
  const label = Float32Array.from({ length: 16 }, (_, i) => Number(x.data[i * 3]! > x.data[i * 3 + 1]!))
  let state: Record<string, OrtTensor> = Object.fromEntries(
    carried.map(({ input, initial }) => [
      input,
      new OrtTensor('float32', initial.data as Float32Array, [...initial.shape]),
    ]),
  )
  const losses: number[] = []
  for (let step = 1; step <= 150; step++) {
    const result = await session.run({
      x: new OrtTensor('float32', x.data as Float32Array, [16, 3]),
      label: new OrtTensor('float32', label, [16]),
      step: new OrtTensor('float32', [step], []),
      learningRate: new OrtTensor('float32', [0.02], []),
      'learningRate.head': new OrtTensor('float32', [0.05], []),
      ...state,
    })
    state = Object.fromEntries(carried.map(({ input, output }) => [input, result[output] as OrtTensor]))
    losses.push((result['loss']!.data as Float32Array)[0]!)
  }
  await session.release()
  expect(losses[0]).toBeGreaterThan(0.5)
  expect(losses.at(-1)).toBeLessThan(0.1)
})

test('everything that changes is carried, under names that follow from kind, slot and parameter', () => {
  const { graph, carried } = trainStep(network)
  expect(carried.map(({ kind, input, output }) => `${kind} ${input} ${output}`)).toMatchSnapshot()
  const inputs = graph.inputs.map(({ name }) => name)
  const outputs = graph.outputs.map(({ name }) => name)
  expect(inputs.filter((name) => !carried.some((c) => c.input === name))).toEqual([
    'x',
    'label',
    'step',
    'learningRate',
    'learningRate.head',
  ])
  expect(outputs.filter((name) => !carried.some((c) => c.output === name))).toEqual(['loss', 'logits'])
})

test('a step on one linear neuron is the step done by hand', () => {
  const { graph } = trainStep({
    name: 'neuron',
    batch: { x: { dtype: 'float32', shape: [1, 2] } },
    parameters: { w: tensor([3, -2], [2, 1]) },
    forward: (g, { batch, parameter }) => ({ loss: g.sum(g.square(g.matmul(batch('x'), parameter('w')))) }),
    groups: [{ optimiser: adam.with({ eps: 1e-8 }) }],
  })
  const feeds: Record<string, Tensor> = {
    x: tensor([1, 2], [1, 2]),
    'p.w': tensor([3, -2], [2, 1]),
    's.mean.w': tensor([0, 0], [2, 1]),
    's.variance.w': tensor([0, 0], [2, 1]),
    step: tensor([1], []),
    learningRate: tensor([0.1], []),
  }
  const result = evaluate(graph, feeds)
  // y = -1, loss 1, gradient 2 y x = (-2, -4); the first step of Adam moves by the rate against the sign.
  expect(toNumbers(result['loss']!)[0]).toBe(1)
  expect(toNumbers(result['s.mean.w.next']!)[1]).toBeCloseTo(-0.4, 6)
  const [a, b] = toNumbers(result['p.w.next']!)
  expect(a).toBeCloseTo(3.1, 5)
  expect(b).toBeCloseTo(-1.9, 5)
})

test('the graph of a training step stays what it was', () => {
  expect(print(trainStep(network).graph)).toMatchSnapshot()
})

describe('what cannot be trained is refused', () => {
  const build = (change: Partial<TrainStepSpec>) => () => trainStep({ ...network, ...change })
  test('a parameter in no group', () => {
    expect(build({ groups: network.groups.slice(0, 1) })).toThrow(
      'parameter "head.weight" is in 0 groups, not one',
    )
  })
  test('a parameter in two groups', () => {
    expect(build({ groups: [...network.groups, { optimiser: adam.with() }] })).toThrow(
      'is in 2 groups, not one',
    )
  })
  test('an unknown name', () => {
    expect(build({ groups: [{ parameters: ['x'], optimiser: adam.with() }] })).toThrow('has no parameter "x"')
    expect(build({ forward: (_, { batch }) => ({ loss: batch('image') }) })).toThrow(
      'has no batch input "image"',
    )
  })
  test('a buffer that is not carried on', () => {
    const forward: TrainStepSpec['forward'] = (g, values) => ({ loss: network.forward(g, values).loss })
    expect(build({ forward })).toThrow('does not carry on the buffer "mean"')
  })
  test('a parameter that the loss does not depend on', () => {
    const forward: TrainStepSpec['forward'] = (g, { parameter }) => ({
      loss: g.sum(parameter('body.weight')),
    })
    expect(build({ forward, buffers: {} })).toThrow('the loss does not depend on value')
  })
})
