import { expect, test } from 'vitest'
import { numbers } from '../testing/op-case.ts'
import { createGraph, print, simplify, tensor, type GraphBuilder, type Value } from './index.ts'
import { evaluate } from './reference/index.ts'

function simplified(build: (g: GraphBuilder, x: Value) => Value): {
  readonly text: string
  readonly same: boolean
} {
  const g = createGraph('s')
  g.output('y', build(g, g.input('x', 'float32', ['n', 2])))
  const graph = g.build()
  const smaller = simplify(graph)
  const feeds = { x: numbers([3, 2]) }
  const same = JSON.stringify(evaluate(graph, feeds)) === JSON.stringify(evaluate(smaller, feeds))
  const nodes = print(smaller)
    .split('\n')
    .filter((line) => line.includes('%') && line.includes(' = ') && !line.includes('constant'))
  return { text: nodes.join('; ').replaceAll(/ +/g, ' '), same }
}

test('neutral elements disappear', () => {
  expect(simplified((g, x) => g.sub(g.add(0, g.mul(1, g.div(x, 1))), 0))).toEqual({
    text: ' output y = %0',
    same: true,
  })
})

test('neutral elements that broadcast stay', () => {
  const { text, same } = simplified((g, x) => g.mul(g.sum(x), g.fill(1, [2])))
  expect(text).toContain('mul')
  expect(same).toBe(true)
})

test('constants are folded, rounded to their type', () => {
  const { text, same } = simplified((g, x) => g.add(x, g.sqrt(g.mul(g.constant([4, 16], [2]), 4))))
  expect(text).toBe(' %2: float32[n, 2] = add %0 %1; output y = %2')
  expect(same).toBe(true)
})

test('a computation written twice is done once', () => {
  const { text, same } = simplified((g, x) => g.add(g.exp(x), g.exp(x)))
  expect(text.match(/exp/g)).toEqual(['exp'])
  expect(same).toBe(true)
})

test('random numbers are neither folded nor shared', () => {
  const g = createGraph('noise')
  g.input('x', 'float32', ['n'])
  const draw = (): Value => g.randomNormal([2], { seed: 1 })
  g.output('y', g.add(draw(), draw()))
  const like = (): Value => g.randomNormal(['n'], { seed: 1 })
  g.output('z', g.add(like(), like()))
  expect(print(simplify(g.build())).match(/randomNormal/g)?.length).toBe(4)
})

test('named constants and outputs keep their names', () => {
  const g = createGraph('named')
  const w = g.constant(tensor([1], [1]), 'w')
  g.output('y', g.mul(w, 2))
  g.output('z', g.add(g.exp(w), g.exp(w)))
  const { constants, outputs } = simplify(g.build())
  expect(constants.flatMap(({ name }) => name ?? [])).toEqual(['w'])
  expect(outputs.map(({ name }) => name)).toEqual(['y', 'z'])
})
