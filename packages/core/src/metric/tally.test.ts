import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTally, evaluateConditions, evaluateTallies, type TalliedImage } from './tally.ts'
import { anyPictures, type DrawnPicture } from './testing/picture.ts'

const toImage = ({ map, mask, width, height }: DrawnPicture, i: number): TalliedImage => ({
  name: `${i}.png`,
  score: Math.max(...map),
  isDefect: mask.includes(255),
  map,
  mask: Uint8Array.from(map, (score) => (score > 0.5 ? 255 : 0)),
  truth: mask,
  width,
  height,
})

function tallyOf(images: readonly TalliedImage[]) {
  const tally = createTally()
  for (const image of images) tally.add(image)
  return tally.finish()
}

test('groups evaluated together are the images evaluated as one group', () => {
  fc.assert(
    fc.property(anyPictures, (pictures) => {
      const images = pictures.map(toImage)
      const whole = evaluateTallies([tallyOf(images)])
      const parts = evaluateTallies(images.map((image) => tallyOf([image])))
      for (const key of [
        'imageAuroc',
        'pixelAuroc',
        'pixelAp',
        'pixelF1Max',
        'aupro30',
        'aupro05',
      ] as const) {
        if (whole.eight[key] === null) expect(parts.eight[key]).toBeNull()
        else expect(parts.eight[key]).toBeCloseTo(whole.eight[key], 12)
      }
      expect(parts.segmentation).toEqual(whole.segmentation)
      expect(parts.auroc05).toBeCloseTo(whole.auroc05 ?? NaN, 12)
    }),
    { numRuns: 40 },
  )
})

test('a condition has figures of its own, not those of the whole', () => {
  const picture = (scores: readonly number[], mask: readonly number[]): DrawnPicture => ({
    width: 2,
    height: 2,
    map: Float32Array.from(scores),
    mask: Uint8Array.from(mask),
  })
  const found = picture([0, 0, 0, 1], [0, 0, 0, 255])
  const missed = picture([1, 0, 0, 0], [0, 0, 0, 255])
  const good = picture([0, 0, 0, 0], [0, 0, 0, 0])
  const conditions = evaluateConditions(
    new Map([
      ['regular', tallyOf([found, good].map(toImage))],
      ['underexposed', tallyOf([missed, good].map(toImage))],
      ['shift_1', tallyOf([good].map(toImage))],
    ]),
  )
  expect(Object.keys(conditions)).toEqual(['regular', 'underexposed', 'shift_1'])
  expect(conditions['regular']).toMatchObject({ images: 2, imageAuroc: 1, segF1: 1, classF1: 1 })
  expect(conditions['underexposed']).toMatchObject({ images: 2, segF1: 0, classF1: 1 })
  expect(conditions['shift_1']).toMatchObject({ images: 1, imageAuroc: null, aupro30: null, segF1: null })
  expect(conditions['shift_1']?.why?.['imageAuroc']).toBe('there are no defect images')
})

test('a map that is not finite counts nowhere', () => {
  const tally = createTally()
  const image = toImage({ width: 1, height: 1, map: Float32Array.of(1), mask: Uint8Array.of(255) }, 0)
  expect(() => tally.add({ ...image, map: Float32Array.of(NaN) })).toThrow('0.png')
  expect(tally.finish().scores).toEqual([])
})
