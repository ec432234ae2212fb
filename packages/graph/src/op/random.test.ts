import { expect, test } from 'vitest'
import { runOnnx } from '../../testing/op-case.ts'
import { createGraph, tensor, toNumbers, type Graph, type Tensor } from '../index.ts'
import { evaluate } from '../reference/index.ts'

function noise(seed: number): Graph {
  const g = createGraph('noise')
  g.input('x', 'float32', ['n', 2])
  g.output('fixed', g.randomNormal([40, 50], { seed, mean: 3, scale: 0.5 }))
  g.output('named', g.randomNormal(['n', 2], { seed }))
  return g.build()
}

test('both engines draw from the distribution, and the shape may be named', async () => {
  const feeds = { x: tensor(new Float32Array(14), [7, 2]) }
  for (const result of [await runOnnx(noise(1), feeds), evaluate(noise(1), feeds)]) {
    expect(result['named']!.shape).toEqual([7, 2])
    const { mean, deviation } = momentsOf(result['fixed']!)
    // Standard errors for 2000 draws: 0.011 and 0.008; five of them.
    expect(Math.abs(mean - 3)).toBeLessThan(0.056)
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.04)
  }
})

test('equal seeds start equal streams, other seeds others', async () => {
  const feeds = { x: tensor(new Float32Array(4), [2, 2]) }
  const [first, again, other] = [
    await runOnnx(noise(1), feeds),
    await runOnnx(noise(1), feeds),
    await runOnnx(noise(2), feeds),
  ]
  expect(first['fixed']!.data).toEqual(again['fixed']!.data)
  expect(first['fixed']!.data).not.toEqual(other['fixed']!.data)
})

function momentsOf(t: Tensor): { readonly mean: number; readonly deviation: number } {
  const values = toNumbers(t)
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length) }
}
