/** PaDiM's arithmetic against NumPy and SciPy in float64 (tools/golden/padim.py). */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createFeatureStore } from '../../feature/index.ts'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { createTestCheckpoints } from '../../testing/toy-store.ts'
import { fitGaussian, whiten } from './gaussian.ts'
import { padim } from './index.ts'

interface Case {
  readonly pictures: number
  readonly k: number
  readonly height: number
  readonly width: number
  readonly mean: readonly number[]
  readonly covariance: readonly number[]
  readonly distances: readonly number[]
  readonly map: readonly number[]
  readonly score: number
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../../fixtures/golden/padim.json', import.meta.url), 'utf8'),
) as {
  readonly ridge: number
  readonly upsampling: number
  readonly place: number
  readonly cases: Readonly<Record<string, Case>>
}
const cases = Object.entries(golden.cases)

// The whitening matrix is stored in half precision, each value with a relative error of up to 2^-11.
const halfPrecision = 1e-3

/** `count` multiples of 1/1024 in [-0.5, 0.5), the same that tools/golden/padim.py takes. */
function formula(stream: number, count: number): Float32Array {
  return Float32Array.from(
    { length: count },
    (_, i) => (Math.imul(1000 * stream + 1 + i, 2654435761) >>> 22) / 1024 - 0.5,
  )
}

test.each(cases)('%s pictures: mean, covariance and Mahalanobis distance are those of NumPy', (_, c) => {
  const { pictures, k, height, width } = c
  const at = golden.place * k
  const samples = new Float32Array(pictures * k)
  for (let n = 0; n < pictures; n++) samples.set(formula(n, height * width * k).subarray(at, at + k), n * k)
  const covariance = new Float64Array(k * k)
  const mean = fitGaussian(samples, k, covariance)
  mean.forEach((v, i) => expect(v).toBeCloseTo(c.mean[i] ?? NaN, 14))
  for (let i = 0; i < k; i++)
    for (let j = 0; j <= i; j++) expect(covariance[i * k + j]).toBeCloseTo(c.covariance[i * k + j] ?? NaN, 14)
  for (let i = 0; i < k; i++) covariance[i * k + i]! += golden.ridge
  const white = new Float64Array(k * k)
  whiten(covariance, k, white)
  const row = formula(pictures, height * width * k).subarray(at, at + k)
  let square = 0
  for (let i = 0; i < k; i++) {
    let sum = 0
    for (let j = 0; j < k; j++) sum += (2 * row[j]! - mean[j]!) * white[j * k + i]!
    square += sum ** 2
  }
  expect(Math.sqrt(square)).toBeCloseTo(c.distances[golden.place] ?? NaN, 10)
})

test.each(cases)(
  '%s pictures: the graph gives the distances, the published map and its maximum',
  async (_, c) => {
    const { pictures, k, height, width } = c
    const places = height * width
    using store = createFeatureStore({
      dimension: k,
      expectedRows: pictures * places,
      precision: 'float32',
      budgetBytes: Infinity,
      spillPath: '',
    })
    for (let n = 0; n < pictures; n++) store.append(formula(n, places * k))
    const recipe = testRecipe({ padim: { dimensions: k, ridge: 'absolute', ridgeScale: golden.ridge } })
    const images = Array.from({ length: pictures }, (_, n) => n)
    const products = [{ name: 'part', gridHeight: height, gridWidth: width, images }]
    const checkpoints = createTestCheckpoints()
    const fit = padim.fit({ store, products, damaged: [], recipe, device: testDevice, checkpoints })
    const { result: fitted } = await drain(fit)
    const data = formula(pictures, places * k).map((v) => 2 * v)
    const { distances = [], map = [] } = await runGraph(
      (g) => {
        const rows = g.input('rows', 'float32', ['n', places, k])
        const grid = g.reshape(g.transpose(rows, [0, 2, 1]), [0, 0, height, width])
        const common = { scope: '', rows, grid, fitted, recipe }
        const scores = padim.addScores(g, { ...common, product: null, penalty: null })
        g.output('distances', scores.image)
        const { upsampling } = golden
        const planes = g.input('planes', 'float32', ['n', 3, height * upsampling, width * upsampling])
        const map = padim.addPaperMap?.(g, g.reshape(scores.map, [0, 1, height, width]), planes)
        if (map !== undefined) g.output('map', map)
      },
      {
        rows: { dtype: 'float32', shape: [1, places, k], data },
        planes: {
          dtype: 'float32',
          shape: [1, 3, height * golden.upsampling, width * golden.upsampling],
          data: new Float32Array(3 * places * golden.upsampling ** 2),
        },
      },
    )
    const relative = (found: readonly number[], expected: readonly number[]): number =>
      Math.max(...expected.map((v, i) => Math.abs((found[i] ?? NaN) / v - 1)))
    expect(distances).toHaveLength(places)
    expect(relative(distances, c.distances)).toBeLessThan(halfPrecision)
    const mapWidth = width * golden.upsampling
    const kept = map.filter((_, i) => Math.floor(i / mapWidth) % 4 === 0 && (i % mapWidth) % 4 === 0)
    expect(kept).toHaveLength(c.map.length)
    expect(relative(kept, c.map)).toBeLessThan(halfPrecision)
    expect(Math.max(...map) / c.score).toBeCloseTo(1, 3)
  },
)
