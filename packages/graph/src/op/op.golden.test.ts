/** Values and gradients of operators where frameworks differ, against PyTorch (tools/golden/graph.py). */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { expectClose, runOnnx } from '../../testing/op-case.ts'
import {
  createGraph,
  gradient,
  tensor,
  toNumbers,
  type Graph,
  type GraphBuilder,
  type Tensor,
  type Value,
} from '../index.ts'
import { evaluate } from '../reference/index.ts'

interface Plain {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

interface GoldenCase {
  readonly inputs: readonly Plain[]
  readonly weights: readonly Plain[]
  readonly outputs: readonly Plain[]
  readonly gradients: readonly (Plain | null)[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../fixtures/golden/graph.json', import.meta.url), 'utf8'),
) as { readonly cases: Readonly<Record<string, GoldenCase>> }

type Build = (g: GraphBuilder, ...inputs: Value[]) => Value | readonly Value[]

const build: Record<string, Build> = {
  'max pool with ties': (g, x) => g.maxPool(x, { kernel: 3, strides: 2, pads: 1 }),
  'max with ties': (g, x) => g.max(x, { axes: [2, 3] }),
  'min with ties': (g, x) => g.min(x, { axes: [3] }),
  'maximum with ties': (g, a, b) => g.maximum(a, b),
  'average pool over the edge': (g, x) => g.averagePool(x, { kernel: 3, strides: 2, pads: 1 }),
  'average pool within the edge': (g, x) =>
    g.averagePool(x, { kernel: 3, strides: 2, pads: 1, countIncludePad: false }),
  'adaptive average pool to 3x2': (g, x) => g.adaptiveAveragePool(x, [3, 2]),
  'adaptive average pool to 6x5': (g, x) => g.adaptiveAveragePool(x, [6, 5]),
  'pad by reflection': (g, x) =>
    g.pad(x, {
      pads: [
        [0, 0],
        [0, 0],
        [1, 2],
        [2, 3],
      ],
      mode: 'reflect',
    }),
  'pad with the edge': (g, x) =>
    g.pad(x, {
      pads: [
        [0, 0],
        [0, 0],
        [1, 2],
        [2, 3],
      ],
      mode: 'edge',
    }),
  'conv plain': (g, x, w, b) => g.conv(x, w, b),
  'conv strided': (g, x, w, b) => g.conv(x, w, b, { strides: 2 }),
  'conv padded': (g, x, w, b) => g.conv(x, w, b, { pads: [2, 1, 2, 1] }),
  'conv dilated': (g, x, w, b) => g.conv(x, w, b, { dilations: [2, 3] }),
  'conv grouped': (g, x, w, b) => g.conv(x, w, b, { group: 2 }),
  'conv depthwise': (g, x, w, b) => g.conv(x, w, b, { group: 3, strides: 2, pads: 1 }),
  'conv all': (g, x, w, b) =>
    g.conv(x, w, b, { group: 2, strides: [2, 3], pads: [2, 1, 2, 1], dilations: [2, 1] }),
  'conv transpose': (g, x, w, b) =>
    g.convTranspose(x, w, b, {
      strides: [2, 3],
      pads: [1, 0, 1, 0],
      outputPadding: [1, 2],
      group: 2,
      dilations: [1, 2],
    }),
  'batch norm training of images': twoBatches,
  'batch norm training of rows': twoBatches,
  'batch norm inference': (g, x, scale, bias, mean, variance) =>
    g.batchNorm(x, { scale: scale, bias: bias, mean: mean, variance: variance, eps: 1e-3 }),
  'layer norm': (g, x, s, b) => g.layerNorm(x, s, b, { eps: 1e-6 }),
  gelu: (g, x) => g.gelu(x),
  softplus: (g, x) => g.softplus(x),
  softmax: (g, x) => g.softmax(x, { axis: -1 }),
  'log softmax': (g, x) => g.logSoftmax(x, { axis: 0 }),
  normalise: (g, x) => g.normalise(x, { axis: 1 }),
  'cosine similarity': (g, a, b) => g.cosineSimilarity(a, b, { axis: 1 }),
  'flattened cosine similarity': (g, a, b) =>
    g.cosineSimilarity(g.reshape(a, [-1]), g.reshape(b, [-1]), { axis: 0 }),
  'top 2': (g, x) => Object.values(g.topK(x, 2)),
  'smallest 3 of a column': (g, x) => Object.values(g.topK(x, 3, { axis: 0, largest: false })),
  clip: (g, x) => g.clip(x, { min: -1, max: 2 }),
  'leaky relu': (g, x) => g.leakyRelu(x, 0.2),
  'abs and relu at zero': (g, x) => [g.abs(x), g.relu(x)],
  'norm of rows, one of them zero': (g, x) => g.norm(x, { axes: [1] }),
  attention: (g, q, k, v) =>
    g.matmul(g.softmax(g.mul(g.matmul(q, g.transpose(k, [0, 2, 1])), 0.5), { axis: -1 }), v),
  'binary cross entropy with logits': (g, x) => {
    const labels = g.constant([0, 1, 0, 1, 0, 1, 0, 1], [8])
    return g.mean(g.sub(g.softplus(x), g.mul(x, labels)))
  },
  'resize linear half-pixel by 1.7': (g, x) =>
    g.resize(x, { scales: [1.7, 1.7], mode: 'linear', coordinates: 'half-pixel' }),
}
for (const [mode, coordinates] of [
  ['linear', 'half-pixel'],
  ['linear', 'align-corners'],
  ['cubic', 'half-pixel'],
  ['cubic', 'align-corners'],
  ['nearest', 'asymmetric'],
  ['nearest', 'half-pixel'],
] as const) {
  for (const sizes of [
    [7, 3],
    [8, 10],
  ] as const) {
    build[`resize ${mode} ${coordinates} to ${sizes.join('x')}`] = (g, x) =>
      g.resize(x, { sizes, mode, coordinates })
  }
}

/** The reference works in float64, but the graph's constants, such as a momentum of 0.1, are float32. */
const referenceTolerance = 1e-7
/** A few roundings of float32, relative to the largest number. */
const onnxTolerance = 2e-6

describe('operators give what PyTorch gives', () => {
  test('every golden case is built here', () => {
    expect(Object.keys(build).sort()).toEqual(Object.keys(golden.cases).sort())
  })
  for (const [name, expected] of Object.entries(golden.cases)) {
    test(name, async () => {
      const graph = graphOf(expected, build[name]!)
      const feeds = Object.fromEntries(
        expected.inputs.map((x, i) => [`x${i}`, tensor(x.data, x.shape, 'float32')]),
      )
      const exact = Object.fromEntries(
        expected.inputs.map((x, i) => [`x${i}`, tensor(x.data, x.shape, 'float64')]),
      )
      expectGolden(expected, evaluate(graph, exact), referenceTolerance)
      expectGolden(expected, await runOnnx(graph, feeds), onnxTolerance)
    })
  }
})

function graphOf({ inputs, weights, outputs, gradients }: GoldenCase, build: Build): Graph {
  const g = createGraph('golden')
  const values = inputs.map((x, i) => g.input(`x${i}`, 'float32', x.shape))
  const built = build(g, ...values)
  const results = Array.isArray(built) ? (built as readonly Value[]) : [built as Value]
  results.forEach((y, i) => g.output(`y${i}`, y))
  expect(results.length).toBe(outputs.length)
  const wanted = values.filter((_, i) => gradients[i] !== null)
  const loss = results
    .flatMap((y, i) =>
      y.dtype === 'float32' ? [g.sum(g.mul(y, g.constant(weights[i]!.data, weights[i]!.shape)))] : [],
    )
    .reduce((a, b) => g.add(a, b))
  const slopes = gradient(g, loss, wanted)
  values.forEach((x, i) => {
    if (wanted.includes(x)) g.output(`dx${i}`, slopes[wanted.indexOf(x)]!)
  })
  return g.build()
}

function expectGolden(
  expected: GoldenCase,
  actual: Readonly<Record<string, Tensor>>,
  tolerance: number,
): void {
  const compare = (name: string, right: Plain): void => {
    expect(actual[name]!.shape, name).toEqual(right.shape)
    expectClose(name, toNumbers(actual[name]!), Float64Array.from(right.data), tolerance)
  }
  expected.outputs.forEach((y, i) => compare(`y${i}`, y))
  expected.gradients.forEach((dx, i) => {
    if (dx !== null) compare(`dx${i}`, dx)
  })
}

/** Two steps of training on halves of the batch, as the golden script takes them. */
function twoBatches(g: GraphBuilder, ...inputs: Value[]): readonly Value[] {
  const [x, scale, bias, mean, variance] = inputs as [Value, Value, Value, Value, Value]
  const half = (starts: number): Value => g.slice(x, { axes: [0], starts: [starts], ends: [starts + 3] })
  const first = g.batchNormTraining(half(0), { scale, bias, mean, variance })
  const second = g.batchNormTraining(half(3), { scale, bias, mean: first.mean, variance: first.variance })
  return [first.y, second.y, second.mean, second.variance]
}
