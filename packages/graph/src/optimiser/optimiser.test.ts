import { describe, expect, test } from 'vitest'
import {
  createGraph,
  adam,
  adamW,
  clipByGlobalNorm,
  constant,
  stableAdamW,
  stepDecay,
  tensor,
  toNumbers,
  warmCosine,
} from '../index.ts'
import { evaluate } from '../reference/index.ts'

test('state is zero at first, slot by slot in the order of the parameters', () => {
  const parameters = [tensor([1, 2], [2]), tensor([3], [1])]
  expect(adam.initialState(parameters).map((t) => [...t.data])).toEqual([[0, 0], [0], [0, 0], [0]])
  expect(stableAdamW.slots()).toEqual(['mean', 'variance'])
  expect(stableAdamW.with({ amsgrad: true }).slots).toEqual(['mean', 'variance', 'maxVariance'])
  expect(stableAdamW.initialState(parameters, { amsgrad: true }).length).toBe(6)
})

test('a step with too few state values is refused', () => {
  const g = createGraph('short')
  const p = g.input('p', 'float32', [2])
  const scalar = g.input('s', 'float32', [])
  const inputs = { parameters: [p], gradients: [p], state: [p], step: scalar, learningRate: scalar }
  expect(() => adamW(g, inputs)).toThrow(
    'an optimiser of 1 parameters with slots mean, variance got 1 gradients and 1 state values',
  )
})

test('gradients within the norm stay as they are, longer ones are scaled together', () => {
  const clipped = (maxNorm: number): number[][] => {
    const g = createGraph('clip')
    const parts = [g.input('a', 'float32', [2]), g.input('b', 'float32', [])]
    clipByGlobalNorm(g, parts, maxNorm).forEach((v, i) => g.output(`c${i}`, v))
    const result = evaluate(g.build(), { a: tensor([3, 0], [2]), b: tensor([4], []) })
    return [0, 1].map((i) => [...toNumbers(result[`c${i}`]!)])
  }
  expect(clipped(6)).toEqual([[3, 0], [4]])
  const [[a], [b]] = clipped(1) as [[number], [number]]
  expect(a).toBeCloseTo(0.6, 6)
  expect(b).toBeCloseTo(0.8, 6)
  expect(clipByGlobalNorm(createGraph('none'), [], 1)).toEqual([])
})

describe('schedules', () => {
  test('warmCosine reaches its base at the end of the warm-up and its end at the end', () => {
    const rate = warmCosine({ base: 1e-3, final: 1e-4, warmupSteps: 101, totalSteps: 301 })
    expect(rate(0)).toBe(0)
    expect(rate(50)).toBeCloseTo(5e-4, 12)
    expect(rate(100)).toBe(1e-3)
    expect(rate(101)).toBe(1e-3)
    expect(rate(201)).toBeCloseTo(5.5e-4, 12)
    expect(rate(301)).toBeCloseTo(1e-4, 12)
    expect(rate(1000)).toBeCloseTo(1e-4, 12)
  })
  test('the others are what they say', () => {
    expect(constant(0.1)(7)).toBe(0.1)
    const rate = stepDecay({ base: 8, every: 10, factor: 0.5 })
    expect([0, 9, 10, 25].map(rate)).toEqual([8, 8, 4, 2])
  })
})
