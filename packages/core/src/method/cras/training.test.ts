import { mergeRecipe, type Recipe } from '@assay/contract'
import { toNumbers, type Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import type { Bank } from '../../memory/bank.ts'
import { createRandom } from '../../random.ts'
import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { buildTrainingModel, type TrainingModel, type TrainingShape } from './training.ts'

const d = 5
const noBank: Bank = {
  entries: { dtype: 'float32', shape: [1, 1, d], data: new Float32Array(d) },
  pictures: { dtype: 'int64', shape: [1, 1], data: new BigInt64Array(1) },
  products: 1,
  size: 1,
  dimension: d,
}
const shape: TrainingShape = { rows: 12, damagedRows: 4, dimension: d, noise: 0.7 }

function recipeOf(cras: Partial<Recipe['cras']>): Recipe {
  return mergeRecipe({ cras: { layers: 3, headDecay: 0, adaptorDecay: 0, ...cras } })
}

function draw(sizes: readonly number[], scale: number, ...stream: (string | number)[]): Tensor {
  const data = new Float32Array(sizes.reduce((a, b) => a * b, 1))
  createRandom(9, ...stream).fillNormal(data, scale)
  return { dtype: 'float32', shape: sizes, data }
}

/** Rows with their centres near them, and unit noise for each head. */
function drawFeeds({ rows, damagedRows }: TrainingShape, heads: number): Record<string, Tensor> {
  const total = rows + damagedRows
  const own = draw([total, d], 1, 'rows')
  const offsets = draw([total, d], 0.4, 'centres')
  const centres = Float32Array.from(toNumbers(offsets), (v, i) => v + Number(own.data[i]))
  return {
    rows: own,
    centres: { ...offsets, data: centres },
    time: { dtype: 'float32', shape: [], data: Float32Array.of(1) },
    ...Object.fromEntries(
      Array.from({ length: heads }, (_, h) => [`noise${h}`, draw([rows - damagedRows, d], 1, 'unit', h)]),
    ),
  }
}

async function step(model: TrainingModel, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  await using session = await openSession(model.bytes, testDevice, 'the step')
  const outputs = await session.run({ ...feeds, ...model.initial })
  return outputs
}

type Matrix = readonly (readonly number[])[]
type Weights = Readonly<Record<string, ArrayLike<number>>>

function toMatrix(t: Tensor): Matrix {
  const [rows = 0, columns = 0] = t.shape
  return Array.from({ length: rows }, (_, r) =>
    Array.from(t.data.slice(r * columns, (r + 1) * columns), Number),
  )
}

function multiply(x: Matrix, weight: ArrayLike<number>, columns: number): number[][] {
  return x.map((row) =>
    Array.from({ length: columns }, (_, j) =>
      row.reduce((sum, v, i) => sum + v * (weight[i * columns + j] ?? NaN), 0),
    ),
  )
}

const lengthOf = (row: readonly number[]): number => Math.hypot(...row)
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
const softplus = (x: number): number => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0)

interface SlowLoss {
  readonly loss: number
  /** As it was added, per head. */
  readonly noise: readonly Matrix[]
  readonly meanScale: number
}

/** The loss as methods.md defines it, in float64; `fixed` is noise that does not follow the residuals. */
function lossSlowly(
  cras: Recipe['cras'],
  { rows, damagedRows, noise: size }: TrainingShape,
  weights: Weights,
  feeds: Record<string, Tensor>,
  fixed?: readonly Matrix[],
): SlowLoss {
  const noisyRows = rows - damagedRows
  const noises: Matrix[] = []
  let loss = 0
  let meanScale = 0
  cras.headInputs.forEach((input, h) => {
    const w = (name: string): ArrayLike<number> => weights[`head${h}.${name}`] ?? []
    const adapt = (name: string): number[][] =>
      multiply(toMatrix(feeds[name] as Tensor), w('adaptor.weight'), d).map((row) =>
        row.map((v, j) => v + (w('adaptor.bias')[j] ?? NaN)),
      )
    const adapted = adapt('rows')
    const centres = adapt('centres')
    const residual = adapted.map((row, r) => row.map((v, j) => v - (centres[r]?.[j] ?? NaN)))
    const lengths = residual.slice(0, noisyRows).map(lengthOf)
    const unit = toMatrix(feeds[`noise${h}`] as Tensor).map((row) => row.map((v) => v * size))
    const ratios = unit.map((row, r) => lengthOf(row) / Math.max(lengths[r] ?? NaN, 0.1 * meanOf(lengths)))
    const scales = ratios.map((ratio) => 1 + cras.distanceGuide * (ratio / meanOf(ratios) - 1))
    meanScale = meanOf(scales)
    const noise = fixed?.[h] ?? unit.map((row, r) => row.map((v) => v * (scales[r] ?? NaN)))
    noises.push(noise)
    const stack = (value: Matrix): Matrix => [
      ...value.slice(0, rows),
      ...noise.map((row, r) => row.map((v, j) => v + (value[r]?.[j] ?? NaN))),
      ...value.slice(rows),
    ]
    const features = stack(adapted)
    let x = stack(residual).map((row, r) => (input === 'residual' ? row : [...(features[r] ?? []), ...row]))
    for (let layer = 1; layer < cras.layers; layer++) {
      const width = w(`block${layer}.bias`).length
      const linear = multiply(x, w(`block${layer}.weight`), width).map((row) =>
        row.map((v, j) => v + (w(`block${layer}.bias`)[j] ?? NaN)),
      )
      const columns = Array.from({ length: width }, (_, j) => linear.map((row) => row[j] ?? NaN))
      const means = columns.map(meanOf)
      const variances = columns.map((c, j) => meanOf(c.map((v) => (v - (means[j] ?? NaN)) ** 2)))
      x = linear.map((row) =>
        row.map((v, j) => {
          const y = (v - (means[j] ?? NaN)) / Math.sqrt((variances[j] ?? NaN) + 1e-5)
          return y > 0 ? y : cras.leak * y
        }),
      )
    }
    const logits = multiply(x, w('tail.weight'), 1).map(([v]) => v ?? NaN)
    loss += meanOf(logits.slice(0, rows).map(softplus)) + meanOf(logits.slice(rows).map((v) => softplus(-v)))
  })
  return { loss: loss / cras.headInputs.length, noise: noises, meanScale }
}

function weightsOf(model: TrainingModel): Record<string, Float64Array> {
  return Object.fromEntries(
    Object.entries(model.initial)
      .filter(([name]) => name.startsWith('head'))
      .map(([name, t]) => [name, Float64Array.from(t.data, Number)]),
  )
}

const variants: readonly (readonly [string, Partial<Recipe['cras']>, TrainingShape])[] = [
  ['the defaults', {}, shape],
  ['no damaged rows', {}, { ...shape, damagedRows: 0 }],
  ['plain noise', { distanceGuide: 0 }, shape],
  ['a residual head', { headInputs: ['residual'] }, shape],
  ['a random adaptor', { adaptor: 'xavier', headInputs: ['feature+residual'], leak: 0 }, shape],
]

test.each(variants)('with %s the first loss is that of the definition', async (_, cras, shape) => {
  const recipe = recipeOf(cras)
  const model = buildTrainingModel(recipe, noBank, shape)
  const feeds = drawFeeds(shape, recipe.cras.headInputs.length)
  const expected = lossSlowly(recipe.cras, shape, weightsOf(model), feeds)
  expect(expected.meanScale).toBeCloseTo(1, 9)
  const { loss } = await step(model, feeds)
  expect(Number(loss?.data[0])).toBeCloseTo(expected.loss, 5)
})

test('the gradient takes the guided noise for a constant', async () => {
  const recipe = recipeOf({ adaptor: 'xavier', headInputs: ['feature+residual'], distanceGuide: 1 })
  const model = buildTrainingModel(recipe, noBank, shape)
  const feeds = drawFeeds(shape, 1)
  const weights = weightsOf(model)
  const { noise } = lossSlowly(recipe.cras, shape, weights, feeds)
  const outputs = await step(model, feeds)
  // Adam starts from zero, so its first moment after one step is a tenth of the gradient.
  const moment = Object.entries(outputs).find(
    ([name, t]) => name.startsWith('adaptor.state') && t.shape.length === 2,
  )
  const gradient = moment === undefined ? [] : Array.from(toNumbers(moment[1]), (v) => v * 10)
  expect(gradient).toHaveLength(d * d)
  const differ = (i: number, fixed?: readonly Matrix[]): number => {
    const [low, high] = [-1e-5, 1e-5].map((move) => {
      const moved = Float64Array.from(weights['head0.adaptor.weight'] ?? [])
      moved[i]! += move
      const changed = { ...weights, 'head0.adaptor.weight': moved }
      return lossSlowly(recipe.cras, shape, changed, feeds, fixed).loss
    })
    return ((high ?? NaN) - (low ?? NaN)) / 2e-5
  }
  const largest = Math.max(...gradient.map(Math.abs))
  let apart = 0
  gradient.forEach((value, i) => {
    expect(Math.abs(value - differ(i, noise)) / largest).toBeLessThan(1e-3)
    apart = Math.max(apart, Math.abs(value - differ(i)) / largest)
  })
  // Had the gradient passed through the noise, it would be another one.
  expect(apart).toBeGreaterThan(0.02)
})

test('rows that are their own centres, as of a single picture, give a finite loss', async () => {
  const recipe = recipeOf({})
  const model = buildTrainingModel(recipe, noBank, shape)
  const feeds = drawFeeds(shape, 2)
  const { loss } = await step(model, { ...feeds, centres: feeds['rows'] as Tensor })
  expect(Number(loss?.data[0])).toBeGreaterThan(0)
  expect(Number(loss?.data[0])).toBeLessThan(10)
})

test('one step moves every parameter and both running statistics, and keeps all shapes', async () => {
  const recipe = recipeOf({ adaptor: 'xavier' })
  const model = buildTrainingModel(recipe, noBank, shape)
  const outputs = await step(model, drawFeeds(shape, 2))
  for (const [input, output] of Object.entries(model.loop)) {
    const before = model.initial[input]
    const after = outputs[output]
    expect(after?.shape, input).toEqual(before?.shape)
    // A bias in front of a norm has no effect and so no gradient.
    if (input.startsWith('head') && !/block\d\.bias/.test(input))
      expect(after?.data, input).not.toEqual(before?.data)
  }
  expect(Object.keys(model.loop).sort()).toEqual(Object.keys(model.initial).sort())
})

test('without an adaptor only the discriminator is trained', () => {
  const model = buildTrainingModel(recipeOf({ adaptor: 'none', headInputs: ['residual'] }), noBank, shape)
  expect(Object.keys(model.loop).some((name) => name.includes('adaptor'))).toBe(false)
})
