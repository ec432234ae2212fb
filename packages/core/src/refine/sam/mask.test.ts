import { expect, test } from 'vitest'

import { interpolateBilinear } from '../../image/index.ts'
import { placeImage } from './input.ts'
import { toMask } from './mask.ts'
import { formulaTensor, tinyPlan } from './testing/formula.ts'

test('a large picture, done in bands, has the mask that it has at once', () => {
  const [width, height] = [1300, 1900]
  const logits = formulaTensor('logits', [56, 56]).data as Float32Array
  const placement = placeImage(width, height, tinyPlan)
  const mask = toMask(logits, placement, tinyPlan)

  const { insideWidth, insideHeight } = placement
  const square = interpolateBilinear(logits, 56, 56, 224, 224, { alignCorners: false })
  const inside = Float32Array.from(
    { length: insideWidth * insideHeight },
    (_, i) => square[Math.floor(i / insideWidth) * 224 + (i % insideWidth)]!,
  )
  const whole = interpolateBilinear(inside, insideHeight, insideWidth, height, width, { alignCorners: false })
  const differing = mask.reduce((n, v, i) => n + Number(v !== (whole[i]! > 0 ? 255 : 0)), 0)
  expect(differing).toBe(0)
  expect(new Set(mask)).toEqual(new Set([0, 255]))
})

test('a logit of exactly 0 is outside', () => {
  const placement = placeImage(30, 20, tinyPlan)
  expect(new Set(toMask(new Float32Array(56 * 56), placement, tinyPlan))).toEqual(new Set([0]))
})
