import { expect, test } from 'vitest'
import { createGraph, gradient, print, tensor, toNumbers } from './index.ts'
import { evaluate } from './reference/index.ts'

test('gradients that meet at a value add up', () => {
  const g = createGraph('meet')
  const x = g.input('x', 'float32', [2])
  const twice = g.add(x, x)
  const loss = g.sum(g.mul(twice, g.add(g.square(x), twice)))
  g.output('dx', gradient(g, loss, [x])[0]!)
  // d/dx 2x (x^2 + 2x) = 6 x^2 + 8 x
  expect([...toNumbers(evaluate(g.build(), { x: tensor([1, 2], [2]) })['dx']!)]).toEqual([14, 40])
})

test('gradients of gradients are gradients', () => {
  const g = createGraph('twice')
  const x = g.input('x', 'float32', [1])
  const [first] = gradient(g, g.sum(g.mul(g.square(x), x)), [x])
  const [second] = gradient(g, g.sum(first!), [x])
  g.output('second', second!)
  expect(toNumbers(evaluate(g.build(), { x: tensor([5], [1]) })['second']!)[0]).toBe(30)
})

test('the gradient of a mean is expanded nowhere on the way, and once at its end', () => {
  const g = createGraph('lazy')
  const x = g.input('x', 'float32', ['n', 3])
  const y = g.input('y', 'float32', ['n', 3])
  const loss = g.mean(g.add(g.square(x), y))
  gradient(g, loss, [x, y]).forEach((d, i) => g.output(`d${i}`, d))
  expect(print(g.build()).match(/expand/g)).toEqual(['expand'])
})

test('only what the wanted values need is computed', () => {
  const g = createGraph('frozen')
  const x = g.input('x', 'float32', [2, 3])
  const w = g.input('w', 'float32', [3, 4])
  g.output('dw', gradient(g, g.sum(g.matmul(g.exp(x), w)), [w])[0]!)
  expect(print(g.build()).match(/gemm/g)).toEqual(['gemm'])
})

test('a loss must be one float that depends on what is asked for', () => {
  const g = createGraph('refused')
  const x = g.input('x', 'float32', [2])
  const other = g.input('other', 'float32', [2])
  expect(() => gradient(g, x, [x])).toThrow('internal: a loss is one float, not float32[2]')
  expect(() => gradient(g, g.sum(x), [other])).toThrow(
    'internal: the loss does not depend on value 1, float32[2]',
  )
  expect(() => gradient(g, g.sum(g.stopGradient(x)), [x])).toThrow('stopGradient stops it')
})
