import { describe, expect, test } from 'vitest'
import {
  check,
  createGraph,
  defineOp,
  gradient,
  print,
  prune,
  simplify,
  tensor,
  type Graph,
  type OpSpec,
} from './index.ts'
import { evaluate } from './reference/index.ts'

function example(): Graph {
  const g = createGraph('example')
  const x = g.input('x', 'float32', ['n', 3])
  g.exp(x)
  const w = g.constant(tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3]), 'w')
  const y = g.add(g.mul(g.matmul(x, w), 2), 0.5)
  g.output('y', y)
  g.output('top', g.topK(y, 1).indices)
  return g.build()
}

test('a graph prints as stable text, without what nothing needs', () => {
  expect(print(example())).toBe(`graph example
  input x %0: float32[n, 3]
  constant w %1: float32[3, 3] = [1, 2, 3, 4, ...] #f3bee598
  constant %2: float32[] = 2
  constant %3: float32[] = 0.5
  %4: float32[n, 3] = matmul %0 %1
  %5: float32[n, 3] = mul %4 %2
  %6: float32[n, 3] = add %5 %3
  %7: float32[n, 1], %8: int64[n, 1] = topK %6 k=1 axis=1 largest=true
  output y = %6
  output top = %8
`)
})

test('graphs, nodes and values cannot be changed', () => {
  const graph = example()
  const parts: object[] = [
    graph,
    graph.nodes,
    graph.nodes[0]!,
    graph.nodes[0]!.inputs,
    graph.nodes[0]!.outputs[0]!.shape,
  ]
  for (const part of parts) expect(Object.isFrozen(part)).toBe(true)
})

test('values of another graph are refused', () => {
  const stranger = createGraph('other').input('x', 'float32', [1])
  const g = createGraph('mine')
  expect(() => g.exp(stranger)).toThrow('internal: exp: value 0 belongs to another graph than "mine"')
  expect(() => g.output('y', stranger)).toThrow('internal: output: value 0 belongs to another graph')
})

describe('check names the place and the fault', () => {
  const broken = (change: (graph: Graph) => Partial<Graph>): (() => void) => {
    const graph = example()
    const changed = { ...graph, ...change(graph) }
    for (const part of Object.values(changed)) Object.freeze(part)
    return () => check(Object.freeze(changed))
  }
  test('nodes out of order', () => {
    expect(broken(({ nodes }) => ({ nodes: nodes.toReversed() }))).toThrow(
      'node 0 (topK): value 7 is used before it is made',
    )
  })
  test('a node that is missing', () => {
    expect(broken(({ nodes }) => ({ nodes: nodes.slice(0, -1) }))).toThrow(
      'output "top": value 9 is not made',
    )
  })
  test('a node twice', () => {
    expect(broken(({ nodes }) => ({ nodes: [nodes[0]!, ...nodes] }))).toThrow(
      'node 1 (matmul): value 3 is defined twice',
    )
  })
  test('a name twice', () => {
    expect(broken(({ outputs }) => ({ outputs: [outputs[0]!, { ...outputs[1]!, name: 'x' }] }))).toThrow(
      'the name "x" is used twice',
    )
  })
  test("a type that is not the operator's", () => {
    expect(
      broken(({ nodes }) => {
        const [first, ...rest] = nodes
        const output = Object.freeze({ ...first!.outputs[0]!, shape: [3] })
        return { nodes: [Object.freeze({ ...first!, outputs: [output] }), ...rest] }
      }),
    ).toThrow('node 0 (matmul): output 0 is declared float32[3] but is float32[n, 3]')
  })
  test('a constant of another shape than its data', () => {
    expect(
      broken(({ constants }) => ({
        constants: constants.map((c) => Object.freeze({ ...c, tensor: { ...c.tensor, shape: [7] } })),
      })),
    ).toThrow('constant 2: float32[7] is declared as float32[3, 3]')
  })
  test('something that can still change', () => {
    const graph = example()
    expect(() => check({ ...graph })).toThrow('a part of it is not frozen')
  })
})

test('prune keeps inputs, which are a promise, and drops the rest that no output needs', () => {
  const graph = example()
  const smaller = prune({ ...graph, outputs: [{ name: 'x again', value: graph.inputs[0]!.value }] })
  expect([smaller.inputs.length, smaller.nodes.length, smaller.constants.length]).toEqual([1, 0, 0])
})

describe('a deferred constant', () => {
  const weight = {
    dtype: 'float32',
    shape: [2, 2],
    read: () => Promise.reject(new Error('nobody may read this')),
  } as const

  test('is built with, differentiated through, simplified and printed unread', () => {
    const g = createGraph('deferred')
    const x = g.input('x', 'float32', [1, 2])
    const w = g.constant(weight, 'w')
    const [dx] = gradient(g, g.mean(g.matmul(x, g.add(w, g.mul(w, 1)))), [x])
    g.output('dx', dx!)
    expect(print(simplify(g.build()))).toContain('constant w %1: float32[2, 2] = deferred')
  })
  test('that is used twice is one constant, and another under its name is refused', () => {
    const g = createGraph('shared')
    expect(g.constant(weight, 'w')).toBe(g.constant(weight, 'w'))
    g.output('y', g.add(g.constant(weight, 'w'), g.constant({ ...weight }, 'w')))
    expect(() => g.build()).toThrow('the name "w" is used twice')
  })
  test('without a name is refused', () => {
    const g = createGraph('nameless')
    // @ts-expect-error the type refuses it as well
    g.output('y', g.constant(weight))
    expect(() => g.build()).toThrow('constant 0: a deferred constant needs a name')
  })
  test('cannot be evaluated', () => {
    const g = createGraph('evaluated')
    g.output('y', g.constant(weight, 'w'))
    expect(() => evaluate(g.build(), {})).toThrow('internal: constant "w" is deferred')
  })
})

describe('operators defined elsewhere', () => {
  const spec: OpSpec<1, { readonly factor: number }> = {
    name: 'stretch',
    inputs: 1,
    infer: ([x]) => [x],
    emit: ({ add, constant }, [x], { factor }) => [add('Mul', [x, constant(tensor([factor], [1]))])],
    grad: (g, _, [dy], { attributes: { factor } }) => [g.mul(dy, factor)],
    reference: ([x], { factor }) => [{ ...x, data: x.data.map((v) => v * factor) }],
  }
  test('are applied like the built-in ones', () => {
    const g = createGraph('own')
    g.output('y', g.apply(defineOp(spec), [g.input('x', 'float32', [2])], { factor: 3 })[0])
    expect([...evaluate(g.build(), { x: tensor([1, 2], [2]) })['y']!.data]).toEqual([3, 6])
  })
  test('are refused without a derivative or a reason for having none', () => {
    const { grad, ...rest } = spec
    expect(grad).toBeDefined()
    // @ts-expect-error the type refuses it as well
    expect(() => defineOp(rest)).toThrow('internal: operator stretch is defined without "grad"')
  })
  test('take as many inputs as they say', () => {
    const g = createGraph('count')
    const x = g.input('x', 'float32', [2])
    expect(() => g.apply(defineOp(spec), [x, x], { factor: 1 })).toThrow('stretch takes 1 inputs, not 2')
  })
})

describe('the reference evaluator refuses', () => {
  const feed = (feeds: Parameters<typeof evaluate>[1]) => () => evaluate(example(), feeds)
  test('a missing, a surplus and a wrong feed', () => {
    expect(feed({})).toThrow('nothing is fed to input "x"')
    expect(feed({ x: tensor([1, 2, 3], [1, 3]), z: tensor([1], [1]) })).toThrow('has no input "z"')
    expect(feed({ x: tensor([1, 2], [1, 2]) })).toThrow(
      'input "x" is float32[n, 3], but float32[1, 2] is fed',
    )
    expect(feed({ x: tensor(Int32Array.of(1, 2, 3), [1, 3]) })).toThrow('but int32[1, 3] is fed')
  })
})
