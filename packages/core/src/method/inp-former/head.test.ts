import { toNumbers } from '@assay/graph'
import { expect, test } from 'vitest'
import { testRecipe } from '../../testing/recipe.ts'
import { planHead, startParameters } from './head.ts'

const plan = { width: 32, heads: 2, blocks: 2, prototypes: 6, groups: 2 }

test('linear layers start within three deviations of 0.01, norms and scales at 1, biases at 0', () => {
  for (const [name, tensor] of Object.entries(startParameters(plan, 1))) {
    const values = toNumbers(tensor)
    const largest = Math.max(...values.map(Math.abs))
    if (name === 'prototype_token') {
      expect(largest).toBeGreaterThan(1)
    } else if (/norm\d\.weight|learn_scale/.test(name)) {
      expect(new Set(values), name).toEqual(new Set([1]))
    } else if (name.endsWith('bias')) {
      expect(largest, name).toBe(0)
    } else {
      expect(largest, name).toBeLessThanOrEqual(Math.fround(0.03))
      const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length)
      // A normal distribution cut at three deviations has 0.9866 of its deviation; 1024 draws are within 10 %.
      expect(Math.abs(deviation / 0.00987 - 1), name).toBeLessThan(0.1)
    }
  }
})

test('the seed decides every parameter that is drawn', () => {
  const [a, b, c] = [1, 1, 2].map((seed) => startParameters(plan, seed))
  expect(b).toEqual(a)
  for (const name of ['prototype_token', 'decoder.1.mlp.fc1.weight']) expect(c?.[name]).not.toEqual(a?.[name])
})

test('a recipe gives the head of the paper its twelve attention heads', () => {
  const recipe = testRecipe({ features: { groups: 2 }, inpFormer: { headWidth: 64, blocks: 8 } })
  expect(planHead(recipe, 2 * 768)).toEqual({ width: 768, heads: 12, blocks: 8, prototypes: 6, groups: 2 })
})
