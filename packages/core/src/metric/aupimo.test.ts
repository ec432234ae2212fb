import { expect, test } from 'vitest'
import { createAupimo } from './aupimo.ts'
import { createDraw } from './testing/draw.ts'

const size = 20_000

/** Good images of different strangeness, so that one of them makes up most of the shared rate. */
function drawScores(seed: number, lift: number): Float32Array {
  const draw = createDraw(seed)
  return Float32Array.from({ length: size }, () => (draw() * draw()) ** 2 * lift)
}

const defectMask = Uint8Array.from({ length: size }, (_, i) => (i < 500 ? 255 : 0))

test('keeping only the top scores of good images changes nothing', () => {
  const measure = (goodImages: number) => {
    const aupimo = createAupimo({ goodImages, bounds: [1e-3, 1e-2], thresholds: 20_000 })
    for (let i = 0; i < 4; i++) aupimo.add(drawScores(i, i === 3 ? 1 : 0.5), null)
    aupimo.add(drawScores(9, 1), defectMask)
    return aupimo.evaluate()
  }
  // With room for 10000 images every pixel is kept.
  expect(measure(4)).toEqual(measure(10_000))
  expect(measure(4)).toHaveProperty('value')
})

test('a defect above all good scores has 1, one below them 0', () => {
  const aupimo = createAupimo({ goodImages: 1, bounds: [1e-3, 1e-2], thresholds: 20_000 })
  aupimo.add(drawScores(1, 1), null)
  aupimo.add(new Float32Array(size).fill(2), defectMask)
  aupimo.add(new Float32Array(size).fill(0), defectMask)
  const result = aupimo.evaluate()
  if ('why' in result) throw new Error(result.why)
  // The bounds are the thresholds nearest to 1e-3 and 1e-2, so the range is not exactly a decade.
  expect(result.images[0]).toBeCloseTo(1, 1)
  expect(result.images[1]).toBe(0)
})

test('what cannot be measured says why', () => {
  const none = createAupimo({ goodImages: 0 })
  expect(none.evaluate()).toEqual({ why: 'there are no good test images' })
  const noDefect = createAupimo({ goodImages: 1 })
  noDefect.add(drawScores(1, 1), null)
  expect(noDefect.evaluate()).toEqual({ why: 'no mask marks a defect pixel' })
  const small = createAupimo({ goodImages: 1 })
  small.add(Float32Array.of(1, 2, 3, 4), null)
  small.add(Float32Array.of(1, 2, 3, 4), Uint8Array.of(0, 0, 1, 1))
  expect(small.evaluate()).toEqual({ why: expect.stringContaining('too few pixels') })
  const constant = createAupimo({ goodImages: 1 })
  constant.add(new Float32Array(size).fill(0.5), null)
  constant.add(new Float32Array(size).fill(0.5), defectMask)
  expect(constant.evaluate()).toHaveProperty('why')
})

test('more good images than announced are refused, for their scores were cut too short', () => {
  const aupimo = createAupimo({ goodImages: 1 })
  aupimo.add(Float32Array.of(1), null)
  expect(() => aupimo.add(Float32Array.of(1), null)).toThrow('internal')
})
