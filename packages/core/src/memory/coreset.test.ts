import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { testDevice } from '../testing/device.ts'
import { drain } from '../testing/drain.ts'
import { selectCoreset, type CoresetInput } from './coreset.ts'

interface Points {
  readonly candidates: Float32Array
  readonly count: number
  readonly dimension: number
}

/** Whole numbers: every distance is exact in float32, and there are many ties. */
function drawPoints(count: number, dimension: number, seed: number, most = 9): Points {
  const random = createRandom(seed, 'points')
  const candidates = Float32Array.from(
    { length: count * dimension },
    () => random.integer(2 * most + 1) - most,
  )
  return { candidates, count, dimension }
}

async function select(points: Points, size: number, seed = 0): Promise<readonly number[]> {
  const input: CoresetInput = { ...points, size, seed, device: testDevice }
  const { result } = await drain(selectCoreset(input))
  return Array.from(result.chosen)
}

function distance({ candidates, dimension }: Points, a: number, b: number): number {
  let square = 0
  for (let i = 0; i < dimension; i++)
    square += ((candidates[a * dimension + i] ?? NaN) - (candidates[b * dimension + i] ?? NaN)) ** 2
  return square
}

/** The definition: from a first point on always the one farthest from all so far, the first one of equals. */
function selectSlowly(points: Points, size: number, first: number): readonly number[] {
  const chosen = [first]
  while (chosen.length < size) {
    let best = 0
    let farthest = -1
    for (let i = 0; i < points.count; i++) {
      const nearest = Math.min(...chosen.map((c) => distance(points, i, c)))
      if (nearest > farthest) [best, farthest] = [i, nearest]
    }
    chosen.push(best)
  }
  return chosen
}

test('the coreset is the greedy k-centre choice of the definition', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 40 }),
      fc.nat(1000),
      async (count, dimension, wanted, seed) => {
        const points = drawPoints(count, dimension, seed)
        const size = Math.min(wanted, count - 1)
        const found = await select(points, size, seed)
        expect(found).toEqual(selectSlowly(points, size, found[0] ?? NaN))
      },
    ),
    { numRuns: 25 },
  )
})

test('at the widest that is not projected it is still the definition', async () => {
  const points = drawPoints(80, 128, 3)
  const found = await select(points, 30)
  expect(found).toEqual(selectSlowly(points, 30, found[0] ?? NaN))
})

test('wider candidates are projected for the choice: nearly as well spread, and the same each time', async () => {
  const points = drawPoints(150, 300, 5)
  const found = await select(points, 20)
  expect(new Set(found).size).toBe(20)
  expect(await select(points, 20)).toEqual(found)
  const radius = (chosen: readonly number[]): number =>
    Math.max(
      ...Array.from({ length: points.count }, (_, i) =>
        Math.sqrt(Math.min(...chosen.map((c) => distance(points, i, c)))),
      ),
    )
  // Distances survive a projection to 128 dimensions within about a tenth.
  expect(radius(found)).toBeLessThan(1.15 * radius(selectSlowly(points, 20, found[0] ?? NaN)))
})

test('when all fit, all are taken in their order', async () => {
  const points = drawPoints(7, 3, 1)
  expect(await select(points, 7)).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(await select(points, 1000)).toEqual([0, 1, 2, 3, 4, 5, 6])
})

test('the radius is the largest distance to what was chosen, whatever the number of selections in a run', async () => {
  const points = drawPoints(90, 5, 4)
  for (const size of [1, 8, 13, 16]) {
    const { result } = await drain(selectCoreset({ ...points, size, seed: 1, device: testDevice }))
    const far = Array.from({ length: 90 }, (_, i) =>
      Math.min(...Array.from(result.chosen, (c) => distance(points, i, c))),
    )
    expect(result.radius).toBeCloseTo(Math.sqrt(Math.max(...far)), 5)
  }
  const { result } = await drain(selectCoreset({ ...points, size: 90, seed: 1, device: testDevice }))
  expect(result.radius).toBe(0)
})

test('the seed decides where the choice starts, and nothing else', async () => {
  const points = drawPoints(60, 4, 2)
  expect(await select(points, 12, 4)).toEqual(await select(points, 12, 4))
  const starts = await Promise.all([0, 1, 2, 3, 4, 5].map(async (seed) => (await select(points, 1, seed))[0]))
  expect(new Set(starts).size).toBeGreaterThan(2)
})

test('candidates far from zero are told apart', async () => {
  // |x|^2 + |c|^2 - 2 x.c loses digits here: the differences are a thousandth of the values.
  const { candidates, ...rest } = drawPoints(40, 6, 8)
  const points = { ...rest, candidates: candidates.map((v) => v + 500) }
  const found = await select(points, 15)
  expect(found).toEqual(selectSlowly(points, 15, found[0] ?? NaN))
})

test('copies of one patch give a memory, of which every other patch is part', async () => {
  const candidates = new Float32Array(50 * 3).fill(2)
  candidates.set([9, 9, 9], 40 * 3)
  const found = await select({ candidates, count: 50, dimension: 3 }, 10)
  expect(found).toHaveLength(10)
  expect(found).toContain(40)
})

test('the number of chosen entries is reported up to the size', async () => {
  const points = drawPoints(60, 4, 2)
  const { events } = await drain(selectCoreset({ ...points, size: 19, seed: 0, device: testDevice }))
  expect(events).toEqual([8, 16, 19])
})

test('an abort stops the choice', async () => {
  const controller = new AbortController()
  const points = drawPoints(60, 4, 2)
  const run = selectCoreset({ ...points, size: 40, seed: 0, device: testDevice, signal: controller.signal })
  await expect(drain(run, () => controller.abort())).rejects.toThrow('aborted')
})
