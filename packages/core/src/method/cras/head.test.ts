import { mergeRecipe, type Recipe } from '@assay/contract'
import type { Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import { createRandom } from '../../random.ts'
import { runGraph } from '../../testing/run-graph.ts'
import {
  addAdaptor,
  addDiscriminator,
  addHeadInput,
  headParameters,
  headStatistics,
  layerWidths,
} from './head.ts'

function crasRecipe(cras: Partial<Recipe['cras']>): Recipe['cras'] {
  return mergeRecipe({ cras }).cras
}

function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)
}

test('the first hidden layer has full width and each further one half of the one before', () => {
  const widths = (cras: Partial<Recipe['cras']>, head = 0): number[] =>
    layerWidths(crasRecipe(cras), head, 24)
  expect(widths({ layers: 2 })).toEqual([48, 24])
  expect(widths({ layers: 4 })).toEqual([48, 24, 12, 6])
  expect(widths({ layers: 3, hidden: 10 })).toEqual([48, 10, 5])
  expect(widths({ layers: 6, hidden: 3 })).toEqual([48, 3, 1, 1, 1, 1])
  expect(widths({ layers: 2, headInputs: ['feature+residual', 'residual'] }, 1)).toEqual([24, 24])
})

test('parameters have the shapes of their layers', () => {
  const parameters = headParameters(crasRecipe({ layers: 3, headInputs: ['feature+residual'] }), 0, 8, 0)
  expect(Object.fromEntries(parameters.map((p) => [p.name, p.initial.shape]))).toEqual({
    'head0.adaptor.weight': [8, 8],
    'head0.adaptor.bias': [8],
    'head0.block1.weight': [16, 8],
    'head0.block1.bias': [8],
    'head0.block1.scale': [8],
    'head0.block1.shift': [8],
    'head0.block2.weight': [8, 4],
    'head0.block2.bias': [4],
    'head0.block2.scale': [4],
    'head0.block2.shift': [4],
    'head0.tail.weight': [4, 1],
  })
  for (const { initial } of parameters)
    expect(initial.data).toHaveLength(initial.shape.reduce((a, b) => a * b, 1))
  const statistics = headStatistics(crasRecipe({ layers: 3 }), 1, 8)
  expect(statistics.map((s) => [s.name, s.initial.shape, s.initial.data[0]])).toEqual([
    ['head1.block1.mean', [8], 0],
    ['head1.block1.variance', [8], 1],
    ['head1.block2.mean', [4], 0],
    ['head1.block2.variance', [4], 1],
  ])
})

test('weights start with the spread of Xavier, biases as those of torch', () => {
  const dimension = 128
  const found = new Map(
    headParameters(crasRecipe({ adaptor: 'xavier', layers: 3 }), 0, dimension, 4).map((p) => [
      p.name,
      Array.from(p.initial.data, Number),
    ]),
  )
  for (const [name, from, to] of [
    ['head0.adaptor.weight', 128, 128],
    ['head0.block1.weight', 256, 128],
    ['head0.block2.weight', 128, 64],
  ] as const) {
    const values = found.get(name) ?? []
    // The deviation of 8192 or more normals is known to about one in a hundred.
    expect(deviationOf(values) / Math.sqrt(2 / (from + to))).toBeCloseTo(1, 1)
    expect(Math.abs(values.reduce((a, b) => a + b, 0) / values.length)).toBeLessThan(0.005)
  }
  const bias = found.get('head0.block1.bias') ?? []
  expect(Math.max(...bias.map(Math.abs))).toBeLessThanOrEqual(1 / 16)
  // Uniform between -a and a: a / sqrt(3).
  expect((deviationOf(bias) * Math.sqrt(3)) / (1 / 16)).toBeCloseTo(1, 0)
})

test('every tensor of every head is drawn for itself, and again the same from the same seed', () => {
  const draw = (head: number, seed: number): string[] =>
    headParameters(crasRecipe({ adaptor: 'xavier', layers: 3 }), head, 6, seed)
      .filter((p) => p.name.endsWith('weight') || p.name.endsWith('bias'))
      .map((p) => p.initial.data.join())
  const all = [...draw(0, 1), ...draw(1, 1), ...draw(0, 2)]
  expect(new Set(all).size).toBe(all.length)
  expect(draw(1, 1)).toEqual(draw(1, 1))
})

test('an identity adaptor starts as no adaptor at all, and none has no parameters', async () => {
  const cras = crasRecipe({ adaptor: 'identity' })
  const tensors = tensorsOf(cras, 3)
  const rows = [1, -2, 3, 4, 5, -6]
  const { adapted } = await runGraph((g) => {
    const x = g.constant(rows, [2, 3], 'float32')
    g.output(
      'adapted',
      addAdaptor(g, x, cras, 0, (name) => g.constant(tensors[name] as Tensor, name)),
    )
  })
  expect(adapted).toEqual(rows)
  const none = headParameters(crasRecipe({ adaptor: 'none' }), 0, 3, 0)
  expect(none.some((p) => p.group === 'adaptor')).toBe(false)
})

function tensorsOf(cras: Recipe['cras'], dimension: number): Record<string, Tensor> {
  return Object.fromEntries(headParameters(cras, 0, dimension, 1).map((p) => [p.name, p.initial]))
}

test('the finished head with its norms folded in gives the logits of the norms themselves', async () => {
  const cras = crasRecipe({ layers: 4, leak: 0.2 })
  const dimension = 12
  const random = createRandom(2, 'statistics')
  // As after a training: nothing is at its start, and some variance is small.
  const tensors = tensorsOf(cras, dimension)
  for (const { name, initial } of headStatistics(cras, 0, dimension)) tensors[name] = initial
  for (const [name, t] of Object.entries(tensors)) {
    const isVariance = name.endsWith('variance')
    const data = Float32Array.from(t.data as Float32Array, (v) =>
      isVariance ? 0.001 + random.float64() : v + 0.3 * random.normal(),
    )
    tensors[name] = { dtype: 'float32', shape: t.shape, data }
  }
  const rows = new Float32Array(40 * 2 * dimension)
  random.fillNormal(rows)
  const { folded = [], plain = [] } = await runGraph(
    (g) => {
      const x = g.input('rows', 'float32', [40, 2 * dimension])
      g.output('folded', addDiscriminator(g, x, cras, 0, tensors, ''))
      const value = (name: string) => g.constant(tensors[name] as Tensor)
      let y = x
      for (let layer = 1; layer < cras.layers; layer++) {
        const prefix = `head0.block${layer}`
        const normed = g.batchNorm(g.gemm(y, value(`${prefix}.weight`), value(`${prefix}.bias`)), {
          scale: value(`${prefix}.scale`),
          bias: value(`${prefix}.shift`),
          mean: value(`${prefix}.mean`),
          variance: value(`${prefix}.variance`),
        })
        y = g.leakyRelu(normed, cras.leak)
      }
      g.output('plain', g.gemm(y, value('head0.tail.weight')))
    },
    { rows: { dtype: 'float32', shape: [40, 2 * dimension], data: rows } },
  )
  expect(folded).toHaveLength(40)
  const size = Math.max(...plain.map(Math.abs))
  folded.forEach((value, i) => expect(Math.abs(value - (plain[i] ?? NaN)) / size).toBeLessThan(1e-5))
})

test('the head sees feature and residual, or the residual alone', async () => {
  const cras = crasRecipe({ headInputs: ['feature+residual', 'residual'] })
  const { both, alone } = await runGraph((g) => {
    const adapted = g.constant([1, 2, 3, 4], [2, 2], 'float32')
    const residual = g.constant([5, 6, 7, 8], [2, 2], 'float32')
    g.output('both', addHeadInput(g, adapted, residual, cras, 0))
    g.output('alone', g.mul(addHeadInput(g, adapted, residual, cras, 1), 1))
  })
  expect(both).toEqual([1, 2, 5, 6, 3, 4, 7, 8])
  expect(alone).toEqual([5, 6, 7, 8])
})
