import { writeOnnx, type Tensor } from '@assay/graph'
import { expect, test } from 'vitest'

import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { buildMaskDecoder } from './decoder.ts'
import { samTensors } from './plan.ts'
import { formulaTensor, tinyPlan } from './testing/formula.ts'

test('prompts that are decoded together do not see each other', async () => {
  const shapes = samTensors(tinyPlan)
  const graph = buildMaskDecoder(tinyPlan, (name) => formulaTensor(name, shapes.get(name)!))
  await using decoder = await openSession(writeOnnx(graph), testDevice, 'decoder')
  const embedding = formulaTensor('embedding', [1, 32, 14, 14])
  const corners = [
    [10, 20, 100, 90],
    [50, 5, 200, 220],
    [0, 0, 224, 224],
  ]
  const decode = (boxes: readonly (readonly number[])[]): Promise<Record<string, Tensor>> =>
    decoder.run({
      embedding,
      points: { dtype: 'float32', shape: [boxes.length, 2, 2], data: Float32Array.from(boxes.flat()) },
      labels: {
        dtype: 'int64',
        shape: [boxes.length, 2],
        data: BigInt64Array.from(boxes.flatMap(() => [2n, 3n])),
      },
    })
  const { masks, iou } = await decode(corners)
  expect([masks!.shape, iou!.shape]).toEqual([
    [3, 4, 56, 56],
    [3, 4],
  ])
  const together = Array.from(masks!.data, Number)
  const perPrompt = together.length / 3
  for (const [i, box] of corners.entries()) {
    const alone = Array.from((await decode([box]))['masks']!.data, Number)
    const apart = Math.max(...alone.map((v, k) => Math.abs(v - together[i * perPrompt + k]!)))
    expect(apart).toBeLessThan(1e-5 * Math.max(...alone.map(Math.abs)))
  }
  // The prompts are told apart at all.
  expect(together.slice(0, 9)).not.toEqual(together.slice(perPrompt, perPrompt + 9))
})
