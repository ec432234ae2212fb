import type { Zone } from '@assay/contract'
import { expect, test } from 'vitest'
import { toPng } from '../testing/picture-folder.ts'
import { drawNoisePicture } from '../testing/picture.ts'
import { testRecipe } from '../testing/recipe.ts'
import { cardOf, tinyModelBytes, trainTinyModel } from '../testing/tiny-model.ts'
import { enlargeRegions } from './enlarge.ts'
import { openModel, type InspectedImage } from './inspect.ts'
import { createMasker } from './mask.ts'

const parts = await trainTinyModel()

/** One picture as it is and as one of which only a copy of a third of its size is held. */
async function inspectBoth(rules: Partial<Zone>): Promise<readonly [InspectedImage, InspectedImage]> {
  const card = cardOf(parts)
  const level = { image: { threshold: 0.1, scale: 0.1 }, pixel: { threshold: 0.55, scale: 0.1 } }
  const zones = {
    mmPerPixel: 0.1,
    zones: [{ name: 'all', kind: 'inspect' as const, shape: { kind: 'whole' as const }, ...level, ...rules }],
  }
  const bytes = tinyModelBytes(parts, { ...card, products: card.products.map((p) => ({ ...p, zones })) })
  const picture = await toPng(drawNoisePicture(121, 80, 3))
  await using whole = await openModel(bytes, { threads: 1 })
  await using reduced = await openModel(bytes, { threads: 1, heldPixels: 1200 })
  return [await whole.inspect(picture), await reduced.inspect(picture)]
}

test('a region of a reduced picture is measured in pixels and millimetres of the picture', async () => {
  const both = await inspectBoth({})
  expect(both.map((i) => i.reduction)).toEqual([1, 3])
  for (const { record } of both) {
    expect(record.regions.length).toBeGreaterThan(0)
    for (const { box, areaPx, areaMm2, lengthPx, lengthMm } of record.regions) {
      expect(areaMm2).toBeCloseTo(areaPx * 0.01, 6)
      expect(lengthMm).toBeCloseTo(lengthPx * 0.1, 6)
      expect(box[0] + box[2]).toBeLessThanOrEqual(121)
      expect(box[1] + box[3]).toBeLessThanOrEqual(80)
    }
  }
})

test('a rule of a zone tolerates the same region in a reduced picture, in pixels and in millimetres', async () => {
  const [whole, reduced] = await inspectBoth({})
  const largest = [whole, reduced].map(({ record }) => record.regions[0]?.areaPx ?? 0)
  const [less, more] = [Math.min(...largest) * 0.8, Math.max(...largest) * 1.2]
  const verdicts = async (rules: Partial<Zone>): Promise<readonly unknown[]> =>
    (await inspectBoth(rules)).map(({ record }) => record.verdict)
  expect(await verdicts({ smallestAreaPx: less })).toEqual(['defect', 'defect'])
  expect(await verdicts({ smallestAreaPx: more })).toEqual(['good', 'good'])
  expect(await verdicts({ smallestAreaMm2: less * 0.01 })).toEqual(['defect', 'defect'])
  expect(await verdicts({ smallestAreaMm2: more * 0.01 })).toEqual(['good', 'good'])
})

test('a box ends where the picture does, whose size need not be a multiple of the reduction', () => {
  const region = {
    box: [9, 6, 2, 1] as [number, number, number, number],
    areaPx: 2,
    lengthPx: 1,
    mean: 1,
    peak: 1,
  }
  const found = enlargeRegions([region], { width: 31, height: 20, reduction: 3 })
  expect(found).toEqual([{ ...region, box: [27, 18, 4, 2], areaPx: 18, lengthPx: 3 }])
})

/** A map of squares of these sides, one after the other, in which every value stands for `reduction` pixels. */
function squares(sides: readonly number[], reduction: number) {
  const [width, height] = [sides.reduce((sum, side) => sum + side + 12, 12) / reduction, 60 / reduction]
  const values = new Float32Array(width * height)
  let left = 12 / reduction
  for (const side of sides) {
    for (let y = 0; y < side / reduction; y++)
      values.fill(1, (y + 2) * width + left, (y + 2) * width + left + side / reduction)
    left += (side + 12) / reduction
  }
  return { width, height, values, reduction }
}

test.each([
  ['thickness', { binarisers: ['mebin' as const], thickness: 12 }],
  ['open', { binarisers: ['threshold' as const], open: 6 }],
  ['smallestArea', { binarisers: ['threshold' as const], smallestArea: 100 }],
])('the rule %s means pixels of the picture, also where only a reduced map is held', (_, mask) => {
  const masker = createMasker(testRecipe({ mask }))
  const limits = { pixel: { threshold: 0.5, scale: 1 }, mask: [{ lower: 0.5, upper: 0.9 }] }
  const marked = [1, 3].map((reduction) => {
    const found = masker.makeMask(squares([6, 12, 30], reduction), limits)
    return found.reduce((sum, v) => sum + Math.sign(v), 0) * reduction ** 2
  })
  // `open` wants 13 pixels, an odd side; the others keep the square of 12, too.
  const expected = 'open' in mask ? 900 : 1044
  expect(marked).toEqual([expected, expected])
})
