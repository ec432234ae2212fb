import { expect, test } from 'vitest'
import { mapAhead } from './ahead.ts'

test('results come in order and no more than the allowed number are under way', async () => {
  let running = 0
  let most = 0
  const seen: number[] = []
  const work = async (n: number): Promise<number> => {
    most = Math.max(most, ++running)
    await new Promise((resolve) => setTimeout(resolve, n % 3))
    running--
    return n * 10
  }
  for await (const result of mapAhead([5, 4, 3, 2, 1, 0], 3, work)) seen.push(result)
  expect(seen).toEqual([50, 40, 30, 20, 10, 0])
  expect(most).toBeLessThanOrEqual(3)
})

test('a failure is thrown where its result is used, after the results before it', async () => {
  const seen: number[] = []
  const run = async (): Promise<void> => {
    const work = (n: number): Promise<number> =>
      n === 2 ? Promise.reject(new Error('bad')) : Promise.resolve(n)
    for await (const n of mapAhead([0, 1, 2, 3], 4, work)) seen.push(n)
  }
  await expect(run()).rejects.toThrow('bad')
  expect(seen).toEqual([0, 1])
})

test('what was made ahead and not taken is handed back to be closed', async () => {
  const closed: number[] = []
  const work = (n: number): Promise<number> =>
    n === 2 ? Promise.reject(new Error('bad')) : Promise.resolve(n)
  for await (const n of mapAhead([0, 1, 2, 3, 4], 4, work, (unused) => void closed.push(unused))) {
    if (n === 0) break
  }
  // 2 failed, and 4 was begun when 0 was taken.
  expect(closed).toEqual([1, 3, 4])
})
