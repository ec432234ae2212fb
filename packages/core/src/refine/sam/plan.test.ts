import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { samPlans, samTensors } from './plan.ts'
import { tinyPlan } from './testing/formula.ts'

test.each(samPlans)('$id has the tensors of the published checkpoint, and no others', (plan) => {
  const file = new URL(`../../../../../fixtures/weights/published/${plan.id}.json`, import.meta.url)
  const published = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly parameters: number
    readonly tensors: Record<string, number[]>
  }
  const ours = samTensors(plan)
  // Both ways: what is asked for is there, and what is there is known.
  expect(Object.fromEntries(ours)).toEqual(published.tensors)
  const counts = [...ours.values()].map((shape) => shape.reduce((a, b) => a * b, 1))
  expect(counts.reduce((a, b) => a + b, 0)).toBe(published.parameters)
})

test('windows have relative positions of their own size', () => {
  const tensors = samTensors(tinyPlan)
  expect(tensors.get('image_encoder.blocks.0.attn.rel_pos_h')).toEqual([7, 12])
  expect(tensors.get('image_encoder.blocks.1.attn.rel_pos_h')).toEqual([27, 12])
})
