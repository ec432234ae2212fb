import type { Recipe } from '@assay/contract'
import { roundToFloat16, type Tensor } from '@assay/graph'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { testDevice } from '../testing/device.ts'
import { drain } from '../testing/drain.ts'
import { testRecipe } from '../testing/recipe.ts'
import { runGraph } from '../testing/run-graph.ts'
import { tinyModelBytes, trainTinyModel } from '../testing/tiny-model.ts'
import { createTestCheckpoints, createToy } from '../testing/toy-store.ts'
import { buildBank } from './bank.ts'
import { addEntries, compressEntries, restoreEntries } from './precision.ts'

const precisions: readonly Recipe['memory']['precision'][] = ['float32', 'float16', 'int8']

function drawEntries(shape: readonly [number, number, number], seed: number): Tensor {
  const data = new Float32Array(shape[0] * shape[1] * shape[2])
  const random = createRandom(seed, 'entries')
  // Dimensions of very different size, off zero: one scale for all would lose the small ones.
  for (let i = 0; i < data.length; i++) data[i] = 3 + random.normal() * 10 ** ((i % shape[2]) - 2)
  return { dtype: 'float32', shape, data }
}

test.each(precisions)('%s: what the graph searches is bit by bit what training saw', async (precision) => {
  for (const shape of [
    [1, 7, 3],
    [3, 5, 4],
  ] as const) {
    const stored = compressEntries(drawEntries(shape, 1), precision)
    const { all } = await runGraph((g) => {
      g.output('all', g.mul(addEntries(g, stored, 'scope.', shape[0] === 1).entries, 1))
    })
    expect(all).toEqual(Array.from(restoreEntries(stored).data, Number))
  }
})

test('half precision is that of IEEE 754, a byte is off by at most half a step of its own dimension', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(1000),
      (products, size, seed) => {
        const entries = drawEntries([products, size, 5], seed)
        const at = (t: Tensor, p: number, row: number, d: number): number =>
          Number(t.data[(p * size + row) * 5 + d])
        const half = restoreEntries(compressEntries(entries, 'float16'))
        expect(Array.from(half.data, Number)).toEqual(Array.from(entries.data, Number).map(roundToFloat16))
        const bytes = restoreEntries(compressEntries(entries, 'int8'))
        for (let p = 0; p < products; p++)
          for (let d = 0; d < 5; d++) {
            const column = Array.from({ length: size }, (_, row) => at(entries, p, row, d))
            const step = (Math.max(...column) - Math.min(...column)) / 255
            // Half a step, and the rounding of the scale to float32.
            const most = step * 0.5 + 1e-6 * Math.max(...column.map(Math.abs))
            column.forEach((v, row) => expect(Math.abs(at(bytes, p, row, d) - v)).toBeLessThanOrEqual(most))
          }
      },
    ),
    { numRuns: 30 },
  )
})

test('a dimension that is the same in all entries keeps its value', () => {
  const data = Float32Array.of(0.1, 5, 0.1, 6, 0.1, 7)
  const { data: found } = restoreEntries(
    compressEntries({ dtype: 'float32', shape: [1, 3, 2], data }, 'int8'),
  )
  expect([found[0], found[2], found[4]]).toEqual([Math.fround(0.1), Math.fround(0.1), Math.fround(0.1)])
})

test('the entries of the bank are the values that its stored form stands for', async () => {
  using toy = createToy({ images: [3, 2], grid: { height: 3, width: 3 }, dimension: 4 })
  const build = async (precision: Recipe['memory']['precision']) => {
    const recipe = testRecipe({ memory: { size: 8, candidates: 99, precision } })
    const input = { ...toy, recipe, device: testDevice, checkpoints: createTestCheckpoints() }
    return (await drain(buildBank(input))).result
  }
  const full = await build('float32')
  for (const precision of ['float16', 'int8'] as const) {
    const bank = await build(precision)
    expect(bank.entries).toEqual(restoreEntries(bank.stored))
    expect(bank.entries.data).not.toEqual(full.entries.data)
    expect(bank.pictures).toEqual(full.pictures)
  }
})

test.each(['patchcore', 'cras'] as const)('%s: less precision is a smaller file', async (method) => {
  const bytes = await Promise.all(
    precisions.map(async (precision) => {
      const memory = { size: 300, candidates: 400, precision }
      return tinyModelBytes(await trainTinyModel({ layers: [{ method, memory }] })).length
    }),
  )
  const [full = NaN, half = NaN, byte = NaN] = bytes
  const values = 300 * 16
  // All else but the card and the scales of the bytes is the same.
  expect(full - half).toBeGreaterThan(1.9 * values)
  expect(half - byte).toBeGreaterThan(0.8 * values)
})
