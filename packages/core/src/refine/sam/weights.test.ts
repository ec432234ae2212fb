import { expect, test } from 'vitest'

import { testDevice } from '../../testing/device.ts'
import { createTestFolder } from '../../testing/folder.ts'
import { samPlans } from './plan.ts'
import { openSegmenter } from './segmenter.ts'
import { createSamCheckpoint, tinyPlan } from './testing/formula.ts'
import { checkSamTensors } from './weights.ts'

test('a checkpoint of another size is refused with the first tensor that differs', () => {
  const [small, large] = samPlans
  expect(() => checkSamTensors(createSamCheckpoint(small!), large!)).toThrow(
    expect.objectContaining({
      code: 'WEIGHTS_UNSUITABLE',
      message:
        'formula.pth does not hold the weights "sam-vit-l": "image_encoder.pos_embed" is float32 [1, 64, 64, 768] instead of float32 [1, 64, 64, 1024].',
    }),
  )
})

test('a checkpoint that lacks a tensor is refused with its name', () => {
  const checkpoint = createSamCheckpoint(tinyPlan)
  const name = 'mask_decoder.iou_token.weight'
  const cut = { ...checkpoint, has: (other: string) => other !== name && checkpoint.has(other) }
  expect(() => checkSamTensors(cut, tinyPlan)).toThrow(`"${name}" is missing instead of float32 [1, 32]`)
  expect(() => checkSamTensors(checkpoint, tinyPlan)).not.toThrow()
})

test('weights that are not on this machine are WEIGHTS_MISSING', async () => {
  await using folder = await createTestFolder()
  await expect(openSegmenter('sam-vit-h', testDevice, { cache: folder.path })).rejects.toMatchObject({
    code: 'WEIGHTS_MISSING',
  })
})
