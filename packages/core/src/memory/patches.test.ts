import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFeatureStore, type FeatureStore } from '../feature/index.ts'
import { createRandom } from '../random.ts'
import { drawPatches } from './patches.ts'

/** Row r of picture i holds [i, r]. */
function createNumberedStore(rows: readonly number[]): FeatureStore {
  const store = createFeatureStore({
    dimension: 2,
    expectedRows: 1,
    precision: 'float32',
    budgetBytes: Infinity,
    spillPath: '',
  })
  rows.forEach((count, image) =>
    store.append(
      Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? image : Math.floor(i / 2))),
    ),
  )
  return store
}

test('different patches of the given pictures are drawn, each with its picture', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 100 }),
      fc.nat(1000),
      (rows, wanted, seed) => {
        using store = createNumberedStore(rows)
        const random = createRandom(seed, 'test')
        const images = rows.map((_, i) => i).filter((i) => i === 0 || random.integer(3) > 0)
        const available = images.reduce((sum, i) => sum + (rows[i] ?? 0), 0)
        const drawn = drawPatches(store, images, wanted, random)
        expect(drawn.count).toBe(Math.min(wanted, available))
        expect(drawn.rows).toHaveLength(2 * drawn.count)
        expect(drawn.owners).toHaveLength(drawn.count)
        const seen = new Set<string>()
        for (let i = 0; i < drawn.count; i++) {
          const [image = NaN, row = NaN] = drawn.rows.subarray(2 * i, 2 * i + 2)
          expect(image).toBe(drawn.owners[i])
          expect(images).toContain(image)
          expect(row).toBeLessThan(rows[image] ?? 0)
          seen.add(`${image} ${row}`)
        }
        expect(seen.size).toBe(drawn.count)
      },
    ),
  )
})

test('every patch is as likely as any other', () => {
  using store = createNumberedStore([4, 16])
  const random = createRandom(1, 'likely')
  let first = 0
  const draws = 2000
  for (let i = 0; i < draws; i++)
    first += drawPatches(store, [0, 1], 5, random).owners.filter((o) => o === 0).length
  // A fifth of the patches are the first picture's; the deviation of the share is about 0.004.
  expect(Math.abs(first / (5 * draws) - 0.2)).toBeLessThan(0.02)
})
