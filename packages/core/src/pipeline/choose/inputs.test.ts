import { expect, test } from 'vitest'
import { leastPictures, splitPictures } from './inputs.ts'

function plan(pictures: number, name = 'cap') {
  const files = Array.from({ length: pictures }, (_, i) => `${name}${String(i)}.png`)
  return { training: files.slice(1), heldOut: files.slice(0, 1) }
}

test('no picture is learned from and judged', () => {
  for (const pictures of [leastPictures, 31, 500]) {
    const [part] = splitPictures([plan(pictures)], 0) ?? []
    const all = [...(part?.training ?? []), ...(part?.heldOut ?? [])]
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(11)
  }
})

test('the number of pictures is bounded, for one product and for many', () => {
  const count = (products: number): number =>
    (
      splitPictures(
        Array.from({ length: products }, (_, p) => plan(1000, `p${p}`)),
        0,
      ) ?? []
    ).reduce((sum, part) => sum + part.training.length + part.heldOut.length, 0)
  expect(count(1)).toBe(104)
  expect(count(6)).toBe(102)
})

test('one product with too few pictures makes a comparison meaningless', () => {
  expect(splitPictures([plan(leastPictures - 1)], 0)).toBeNull()
  expect(splitPictures([plan(300), plan(5)], 0)).toBeNull()
})

test('another seed judges other pictures, the order of the files changes nothing', () => {
  const given = plan(40)
  const turned = { training: given.training.toReversed(), heldOut: given.heldOut }
  const heldOut = (seed: number, from = given) => splitPictures([from], seed)?.[0]?.heldOut
  expect(heldOut(1, turned)).toEqual(heldOut(1))
  expect(heldOut(2)).not.toEqual(heldOut(1))
})
