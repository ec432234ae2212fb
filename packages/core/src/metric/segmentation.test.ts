import { expect, test } from 'vitest'
import { countSegmentation, evaluateSegmentation } from './segmentation.ts'

const of = (...values: number[]): Uint8Array => Uint8Array.from(values)

test('SegF1 and IoU pool pixels over images, so a false alarm on a good image costs', () => {
  // 3 hits, 1 false alarm, 2 misses; then 2 false alarms on a good image.
  const defect = countSegmentation(of(255, 255, 255, 255, 0, 0), of(1, 1, 1, 0, 1, 1), true)
  const good = countSegmentation(of(255, 255, 0, 0, 0, 0), of(0, 0, 0, 0, 0, 0), false)
  expect(evaluateSegmentation([defect]).segF1).toBeCloseTo(6 / 9, 12)
  expect(evaluateSegmentation([defect]).iou).toBeCloseTo(3 / 6, 12)
  const both = evaluateSegmentation([defect, good])
  expect(both.segF1).toBeCloseTo(6 / 11, 12)
  expect(both.iou).toBeCloseTo(3 / 8, 12)
  // One image found, one false alarm: 2 / 3.
  expect(both.classF1).toBeCloseTo(2 / 3, 12)
})

test('a good product without false alarms has no F1, rather than 0 or 1', () => {
  const clean = countSegmentation(of(0, 0), of(0, 0), false)
  expect(evaluateSegmentation([clean])).toEqual({ segF1: null, iou: null, classF1: null })
  expect(evaluateSegmentation([])).toEqual({ segF1: null, iou: null, classF1: null })
})

test('a missed defect gives 0', () => {
  const missed = countSegmentation(of(0, 0), of(255, 0), true)
  expect(evaluateSegmentation([missed])).toEqual({ segF1: 0, iou: 0, classF1: 0 })
})

test('a defect without a true mask counts as an image and not as pixels', () => {
  const found = countSegmentation(of(255, 255), null, true)
  expect(evaluateSegmentation([found])).toEqual({ segF1: null, iou: null, classF1: 1 })
})

test('a mask marked where the defect is not finds the image and not the pixels', () => {
  const beside = countSegmentation(of(255, 0), of(0, 255), true)
  expect(evaluateSegmentation([beside])).toEqual({ segF1: 0, iou: 0, classF1: 1 })
})

test('a truth of another size is refused', () => {
  expect(() => countSegmentation(of(0), of(0, 0), true)).toThrow('internal')
})
