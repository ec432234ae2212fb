/**
 * Judges one use of operators three ways: the reference evaluator against onnxruntime, the gradient graph in
 * float64 against central differences of the reference, and the gradient graph in onnxruntime against the
 * reference.
 */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { expect } from 'vitest'
import {
  createGraph,
  fromNumbers,
  gradient,
  isFloat,
  prune,
  simplify,
  sizeOf,
  tensor,
  toNumbers,
  writeOnnx,
  type DType,
  type Graph,
  type GraphBuilder,
  type Shape,
  type Tensor,
  type Value,
} from '../src/index.ts'
import { evaluate } from '../src/reference/index.ts'

export interface OpCase {
  /** Contents of the inputs. */
  readonly feeds: readonly Tensor[]
  /** Declared shapes where they differ from those of the feeds: with named sizes. */
  readonly shapes?: readonly (Shape | undefined)[]
  readonly build: (g: GraphBuilder, ...inputs: readonly Value[]) => Value | readonly Value[]
  /** Inputs to differentiate by; all floats when absent, none when empty. */
  readonly wrt?: readonly number[]
  /** Allowed difference between onnxruntime in float32 and the reference, relative to the largest value. */
  readonly tolerance?: number
}

/** Runs all three comparisons. */
export async function expectAgreement(opCase: OpCase): Promise<void> {
  const { feeds, build, tolerance = 2e-6 } = opCase
  const { g, inputs, byName } = declare(opCase)
  const built = build(g, ...inputs)
  const outputs = Array.isArray(built) ? (built as readonly Value[]) : [built as Value]
  outputs.forEach((value, i) => g.output(`y${i}`, value))
  const forward = g.build()
  const expected = evaluate(forward, byName)
  await expectSame(await runOnnx(forward, byName), expected, tolerance)

  const wrt = opCase.wrt ?? feeds.flatMap((feed, i) => (isFloat(feed.dtype) ? [i] : []))
  if (wrt.length === 0) return
  const gradients = gradientGraph(opCase, wrt)
  const exact = evaluate(gradients, byName)
  const lossAlone = prune({ ...gradients, outputs: gradients.outputs.slice(0, 1) })
  for (const i of wrt) {
    const slopes = centralDifferences(lossAlone, byName, `x${i}`)
    expectClose(`d/dx${i}`, toNumbers(exact[`dx${i}`]!), slopes, 1e-6)
  }
  await expectSame(await runOnnx(simplify(gradients), byName), exact, tolerance)
}

/** The gradient of a weighted sum of all float outputs; the weights differ, so that no error cancels. */
function gradientGraph(opCase: OpCase, wrt: readonly number[]): Graph {
  const { g, inputs } = declare(opCase)
  const built = opCase.build(g, ...inputs)
  const outputs = (Array.isArray(built) ? (built as readonly Value[]) : [built as Value]).filter((v) =>
    isFloat(v.dtype),
  )
  const loss = outputs.map((y, i) => weightedSum(g, y, i)).reduce((a, b) => g.add(a, b))
  const gradients = gradient(
    g,
    loss,
    wrt.map((i) => inputs[i]!),
  )
  g.output('loss', loss)
  gradients.forEach((dx, i) => g.output(`dx${wrt[i]}`, dx))
  return g.build()
}

/** Weights repeat after 32 elements, and are exact in float32. */
function weightedSum(g: GraphBuilder, y: Value, seed: number): Value {
  if (y.shape.length === 0) return g.mul(y, 0.75 + seed)
  const flat = g.reshape(y, [-1])
  const length = g.sum(g.cast(g.shapeOf(flat), 'float32'))
  const steps = g.mul(g.add(g.range(0, length, 1), seed), 9 / 32)
  const weights = g.add(g.sub(steps, g.floor(steps)), -0.375)
  return g.sum(g.mul(flat, g.reshape(g.cast(weights, y.dtype), flat.shape)))
}

function declare({ feeds, shapes = [] }: OpCase): {
  readonly g: GraphBuilder
  readonly inputs: readonly Value[]
  readonly byName: Readonly<Record<string, Tensor>>
} {
  const g = createGraph('case')
  const inputs = feeds.map((feed, i) => g.input(`x${i}`, feed.dtype, shapes[i] ?? feed.shape))
  return { g, inputs, byName: Object.fromEntries(feeds.map((feed, i) => [`x${i}`, feed])) }
}

/** Slopes of the output `loss` along every element of one feed, in float64. */
function centralDifferences(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  name: string,
): Float64Array {
  const { shape, ...feed } = feeds[name]!
  const start = toNumbers({ shape, ...feed })
  const width = 1e-5
  const lossAt = (i: number, shift: number): number => {
    const data = start.with(i, start[i]! + shift)
    return toNumbers(evaluate(graph, { ...feeds, [name]: tensor(data, shape) })['loss']!)[0]!
  }
  return start.map((_, i) => (lossAt(i, width) - lossAt(i, -width)) / (2 * width))
}

/** Runs a graph in onnxruntime on one CPU thread. */
export async function runOnnx(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(writeOnnx(graph), {
    intraOpNumThreads: 1,
    executionProviders: ['cpu'],
    logSeverityLevel: 3,
  })
  try {
    const fed = Object.entries(feeds).map(([name, t]) => [
      name,
      new OrtTensor(t.dtype, t.data as Float32Array, [...t.shape]),
    ])
    const results = await session.run(Object.fromEntries(fed))
    return Object.fromEntries(
      Object.entries(results).map(([name, { type, data, dims }]) => [
        name,
        // onnxruntime's own arrays: of the same kinds as ours.
        { dtype: type as DType, shape: dims, data: data as Tensor['data'] },
      ]),
    )
  } finally {
    await session.release()
  }
}

async function expectSame(
  actual: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, Tensor>>,
  tolerance: number,
): Promise<void> {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, right] of Object.entries(expected)) {
    const left = actual[name]!
    expect([...left.shape], `shape of ${name}`).toEqual([...right.shape])
    expectClose(name, toNumbers(left), toNumbers(right), tolerance)
  }
}

/** Every difference is at most `tolerance` times the largest number, or 1 if that is smaller. */
export function expectClose(
  name: string,
  actual: Float64Array,
  expected: Float64Array,
  tolerance: number,
): void {
  const scale = expected.reduce((top, v) => (Number.isFinite(v) ? Math.max(top, Math.abs(v)) : top), 1)
  const worst = expected.reduce(
    (at, v, i) => (distance(actual[i]!, v) > distance(actual[at]!, expected[at]!) ? i : at),
    0,
  )
  expect(actual.length, name).toBe(expected.length)
  if (expected.length === 0) return
  expect(
    distance(actual[worst]!, expected[worst]!),
    `${name}[${worst}] is ${actual[worst]}, expected ${expected[worst]}`,
  ).toBeLessThanOrEqual(tolerance * scale)
}

function distance(a: number, b: number): number {
  return Object.is(a, b) || a === b ? 0 : Number.isNaN(a - b) ? Infinity : Math.abs(a - b)
}

/** Repeatable numbers, none closer than 0.003 to another or to a whole number: no ties and no kinks nearby. */
export function numbers(
  shape: readonly number[],
  options: {
    readonly seed?: number
    readonly from?: number
    readonly to?: number
    readonly dtype?: DType
  } = {},
): Tensor {
  const { seed = 1, from = -1.5, to = 1.5, dtype = 'float32' } = options
  const size = sizeOf(shape)
  // A shuffled even ladder; the golden ratio keeps the steps apart.
  const order = Array.from({ length: size }, (_, i) => ({
    i,
    key: (Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453) % 1,
  }))
    .sort((a, b) => a.key - b.key)
    .map(({ i }) => i)
  const values = order.map((rank) => from + ((rank + 0.37) / size) * (to - from))
  return { dtype, shape, data: fromNumbers(values, dtype) }
}
