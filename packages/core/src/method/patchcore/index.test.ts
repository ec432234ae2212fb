import { expect, test } from 'vitest'
import { testDevice } from '../../testing/device.ts'
import { drain } from '../../testing/drain.ts'
import { testRecipe } from '../../testing/recipe.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { createTestCheckpoints, createToy } from '../../testing/toy-store.ts'
import { findMethod } from '../catalogue.ts'
import { patchcore } from './index.ts'

test('a patch scores its distance to the memory: the nearest entry in the score, the nearest few in the map', async () => {
  using toy = createToy({ images: [3, 3], grid: { height: 3, width: 4 }, dimension: 5 })
  const recipe = testRecipe({ memory: { size: 20, candidates: 99, neighbours: 3 } })
  const { result: fitted } = await drain(
    patchcore.fit({ ...toy, recipe, device: testDevice, checkpoints: createTestCheckpoints() }),
  )
  expect(fitted.steps).toBe(0)
  expect(fitted.owners?.shape).toEqual([2, 20])
  const rows = new Float32Array(12 * 5)
  toy.store.read(4, null, rows)
  const { image = [], map = [] } = await runGraph(
    (g) => {
      const value = g.input('rows', 'float32', ['n', 12, 5])
      const product = g.constant([1], [1], 'int64')
      const scores = patchcore.addScores(g, {
        scope: '',
        rows: value,
        grid: g.reshape(g.transpose(value, [0, 2, 1]), [0, 0, 3, 4]),
        product,
        fitted,
        recipe,
        penalty: null,
      })
      g.output('image', scores.image)
      g.output('map', scores.map)
    },
    { rows: { dtype: 'float32', shape: [1, 12, 5], data: rows } },
  )
  const entries = fitted.tensors['bank']?.data.slice(100, 200) ?? []
  for (let r = 0; r < 12; r++) {
    const distances = Array.from({ length: 20 }, (_, k) =>
      Math.hypot(...rows.slice(r * 5, r * 5 + 5).map((v, i) => v - Number(entries[k * 5 + i]))),
    ).sort((a, b) => a - b)
    expect(image[r]).toBeCloseTo(distances[0] ?? NaN, 2)
    expect(map[r]).toBeCloseTo(distances.slice(0, 3).reduce((a, b) => a + b, 0) / 3, 2)
  }
})

test('a method that this version lacks is refused by name', () => {
  expect(findMethod('patchcore')).toBe(patchcore)
  expect(() => findMethod('guesswork')).toThrowError(
    expect.objectContaining({
      code: 'METHOD_UNAVAILABLE',
      params: expect.objectContaining({ method: 'guesswork' }),
    }),
  )
})
