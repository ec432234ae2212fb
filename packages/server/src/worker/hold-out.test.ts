import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { holdOut } from './order.ts'

const pictures = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: `picture ${i}`,
    sha256: createHash('sha256').update(String(i)).digest('hex'),
  }))

test('a tenth is held out, at least one and at most sixty, and never the only one', () => {
  expect([1, 2, 30, 1000].map((count) => holdOut(pictures(count), 0).size)).toEqual([0, 1, 3, 60])
})

test('the same seed holds out the same pictures in whatever order they come; another seed others', () => {
  const all = pictures(100)
  const chosen = [...holdOut(all, 7)].sort()
  expect([...holdOut(all.toReversed(), 7)].sort()).toEqual(chosen)
  expect([...holdOut(all, 8)].sort()).not.toEqual(chosen)
})

test('pictures that are added turn few of the choices around', () => {
  const before = holdOut(pictures(200), 1)
  const after = holdOut(pictures(220), 1)
  expect([...before].filter((id) => after.has(id)).length).toBeGreaterThan(15)
})
