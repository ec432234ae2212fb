import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { calibrate, normalQuantile, poolScores, studentQuantile, toCalibrated } from './threshold.ts'

const score = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e3, max: 1e3 })
const scores = fc.array(score, { minLength: 1, maxLength: 80 })
const share = fc.double({ noNaN: true, min: 1e-5, max: 0.5 })

// scipy 1.17.1, norm.ppf
test.each([
  [0.5, 0],
  [0.98, 2.05374891],
  [0.999, 3.09023231],
  [0.99999, 4.26489079],
  [0.02, -2.05374891],
])('the normal quantile at %s is %s', (p, expected) => {
  // The values here have 8 decimals.
  expect(Math.abs(normalQuantile(p) - expected)).toBeLessThan(1e-8)
})

// scipy 1.17.1, t.ppf
test.each([
  [0.98, 1, 15.8945448],
  [0.98, 2, 4.84873221],
  [0.999, 1, 318.308839],
  [0.999, 2, 22.3271248],
])("Student's quantile at %s with %s degrees of freedom is the closed form %s", (p, degrees, expected) => {
  // The values here have 9 digits.
  expect(studentQuantile(p, degrees) / expected).toBeCloseTo(1, 8)
})

// scipy 1.17.1, t.ppf
test.each([
  [0.98, 3, 3.48190876],
  [0.98, 4, 2.99852787],
  [0.98, 5, 2.75650852],
  [0.98, 10, 2.35931462],
  [0.98, 30, 2.14696628],
  [0.999, 4, 7.17318222],
  [0.999, 5, 5.89342953],
  [0.999, 10, 4.1437005],
  [0.999, 30, 3.38518487],
])("Student's quantile at %s with %s degrees of freedom is within 1 %% of %s", (p, degrees, expected) => {
  expect(Math.abs(studentQuantile(p, degrees) / expected - 1)).toBeLessThan(0.01)
})

test('a rarer false alarm never lowers the threshold', () => {
  fc.assert(
    fc.property(scores, share, share, (values, a, b) => {
      const often = calibrate(values, Math.max(a, b)).threshold
      const rarely = calibrate(values, Math.min(a, b)).threshold
      // Interpolating between equal scores may be off by a rounding.
      expect(rarely).toBeGreaterThanOrEqual(often - 1e-9 * Math.max(1, Math.abs(often)))
    }),
  )
})

test('the order of the pictures does not matter', () => {
  fc.assert(
    fc.property(scores, share, (values, falseAlarms) => {
      const forwards = calibrate(values, falseAlarms)
      const backwards = calibrate([...values].reverse(), falseAlarms)
      // Sums in another order differ in their last digits.
      expect(backwards.threshold).toBeCloseTo(forwards.threshold, 6)
      expect(backwards.scale).toBeCloseTo(forwards.scale, 6)
    }),
  )
})

test('scores are not sorted in place', () => {
  const values = [3, 1, 2]
  calibrate(values, 0.1)
  expect(values).toEqual([3, 1, 2])
})

test('threshold and scale are finite and the scale is positive, whatever the scores', () => {
  fc.assert(
    fc.property(scores, share, (values, falseAlarms) => {
      const { threshold, scale } = calibrate(values, falseAlarms)
      expect(Number.isFinite(threshold)).toBe(true)
      expect(scale).toBeGreaterThan(0)
      expect(toCalibrated(threshold, { threshold, scale })).toBe(0.5)
    }),
  )
})

test('with too few pictures to see the quantile none of them is above the threshold', () => {
  fc.assert(
    fc.property(fc.array(score, { minLength: 1, maxLength: 40 }), (values) => {
      expect(calibrate(values, 0.02).threshold).toBeGreaterThanOrEqual(Math.max(...values))
    }),
  )
})

test('with enough pictures the threshold is the quantile between order statistics', () => {
  const values = Array.from({ length: 99 }, (_, i) => i + 1)
  // The 0.9 quantile of n + 1 = 100 intervals is the 90th of 99.
  expect(calibrate(values, 0.1).threshold).toBeCloseTo(90, 9)
  expect(calibrate(values, 0.105).threshold).toBeCloseTo(89.5, 9)
})

test('equal scores give a threshold at the score and a scale that is not zero', () => {
  const { threshold, scale } = calibrate([4, 4, 4, 4, 4], 0.02)
  expect(threshold).toBe(4)
  expect(scale).toBeGreaterThan(0)
  // A picture that scores a hundredth more is plainly above.
  expect(toCalibrated(4.04, { threshold, scale })).toBeGreaterThan(0.99)
  expect(calibrate([0, 0, 0], 0.02)).toMatchObject({ threshold: 0, scale: 1e-6 })
})

test('one score gives a threshold above it', () => {
  const { threshold, scale } = calibrate([2], 0.02)
  // A tenth of it as the spread, one degree of freedom.
  expect(threshold).toBeCloseTo(2 + 15.8945448 * 0.2 * Math.SQRT2, 6)
  expect(scale).toBeCloseTo(0.2, 9)
  expect(calibrate([-2], 0.02).threshold).toBeGreaterThan(-2)
})

test('no score at all is refused', () => {
  expect(() => calibrate([], 0.02)).toThrow('internal')
})

test.each([
  [8, 0.02],
  [20, 0.02],
  [60, 0.05],
  [400, 0.02],
])('of good pictures a share near the aim is above the threshold of %s scores at %s', (n, aim) => {
  const samples = 300
  const fresh = 400
  const random = createRandom(7, 'false-alarms', n)
  const draw = new Float32Array(fresh)
  let above = 0
  for (let sample = 0; sample < samples; sample++) {
    const { threshold } = calibrate(
      Array.from({ length: n }, () => 5 + 2 * random.normal()),
      aim,
    )
    random.fillNormal(draw, 2)
    for (const value of draw) if (value + 5 > threshold) above++
  }
  const realised = above / (samples * fresh)
  // The bound never lies below the largest score, which costs few samples up to a fourth of the aim; the rest is
  // chance: 300 thresholds, each with the spread of its sample.
  expect(realised).toBeLessThan(aim * 1.2)
  expect(realised).toBeGreaterThan(aim * 0.75)
})

test('pooling moves the scores of training pictures up to the held-out ones, never down', () => {
  expect(poolScores([10, 12], [1, 3])).toEqual([10, 12, 10, 12])
  expect(poolScores([1, 3], [10, 12])).toEqual([1, 3, 10, 12])
  expect(poolScores([], [1, 2])).toEqual([1, 2])
  expect(poolScores([1, 2], [])).toEqual([1, 2])
  fc.assert(
    fc.property(scores, scores, (heldOut, leftOut) => {
      const pooled = poolScores(heldOut, leftOut)
      expect(pooled.slice(0, heldOut.length)).toEqual(heldOut)
      if (leftOut.length > 1) expect(pooled).toHaveLength(heldOut.length + leftOut.length)
      pooled.slice(heldOut.length).forEach((v, i) => expect(v).toBeGreaterThanOrEqual(leftOut[i] ?? NaN))
    }),
  )
})

test('one held-out and one training picture do not agree by being moved onto each other', () => {
  expect(poolScores([10], [1])).toEqual([10])
  // The one training picture that scores higher is a warning and counts.
  expect(poolScores([10], [14])).toEqual([10, 14])
  expect(calibrate(poolScores([10], [1]), 0.05).threshold).toBeGreaterThan(11)
})

test('the calibrated score rises with the raw one and stays between 0 and 1', () => {
  const calibration = { threshold: 3, scale: 0.5 }
  const raw = [-1e6, -10, 2, 3, 3.5, 4, 1e6]
  const calibrated = raw.map((r) => toCalibrated(r, calibration))
  expect(calibrated).toEqual([...calibrated].sort((a, b) => a - b))
  expect(calibrated[0]).toBe(0)
  expect(calibrated[3]).toBe(0.5)
  expect(calibrated[4]).toBeCloseTo(1 / (1 + Math.exp(-1)), 12)
  expect(calibrated.at(-1)).toBe(1)
})
