/** INP-Former against its reference's own modules in float64 (tools/golden/inp_former.py). */
import { readFileSync } from 'node:fs'
import {
  createGraph,
  gradient,
  warmCosine,
  writeOnnx,
  type GraphBuilder,
  type Tensor,
  type Value,
} from '@assay/graph'
import { evaluate } from '@assay/graph/reference'
import { expect, test } from 'vitest'
import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { testRecipe } from '../../testing/recipe.ts'
import {
  addDistances,
  addMean,
  addPrototypes,
  addReconstruction,
  fuseGroups,
  splitGroups,
} from './forward.ts'
import { parameterShapes, type HeadPlan } from './head.ts'
import { addCoherenceLoss, addReconstructionLoss } from './loss.ts'
import { addPublishedMap } from './map.ts'
import { buildTrainingStep } from './training.ts'

type Named = Readonly<Record<string, readonly number[]>>

const golden = JSON.parse(
  readFileSync(new URL('../../../../../fixtures/golden/inp-former.json', import.meta.url), 'utf8'),
) as {
  readonly plan: HeadPlan
  readonly images: number
  readonly side: number
  readonly taps: number
  readonly input: number
  readonly mask: number
  readonly topShare: number
  readonly training: {
    readonly rate: number
    readonly finalRate: number
    readonly steps: number
    readonly decay: number
    readonly gradientNorm: number
    readonly coherence: number
    readonly exponent: number
  }
  readonly shapes: Named
  readonly forward: {
    readonly encoded: readonly (readonly number[])[]
    readonly decoded: readonly (readonly number[])[]
    readonly coherence: number
    readonly map: readonly number[]
    readonly score: readonly number[]
  }
  readonly losses: readonly number[]
  readonly gradients: Named
  /** Parameters by the number of steps taken. */
  readonly after: Readonly<Record<string, Named>>
}
const { plan, images, side, taps, input, mask, training } = golden
const patches = side * side
const dimension = plan.groups * plan.width

/** A few dozen float32 roundings in a row, relative to the largest value. */
const float32 = 1e-5
/** Constants of the graph are float32 where arithmetic is not: 1 - 0.999 loses three of seven digits. */
const float64 = 1e-5
/** What that changes grows over steps: a weight whose ReLU opens moves by a whole rate, a step sooner or later. */
const afterSteps = 1e-3
/** Gradients are sums in which larger terms cancel; below this they are as good as the terms are. */
const leastGradient = 1e-3

/** `formula` of the script. */
function formula(stream: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, k) => (Math.imul(1000 * stream + k + 1, 2654435761) >>> 22) / 1024 - 0.5,
  )
}

function startOf(name: string, shape: readonly number[], stream: number): Tensor {
  const u = formula(
    stream,
    shape.reduce((a, b) => a * b, 1),
  )
  const change = (v: number): number => {
    if (name === 'prototype_token') return 2 * v
    if (name.endsWith('learn_scale') || (name.includes('.norm') && name.endsWith('weight'))) return 1 + v / 2
    return name.endsWith('bias') ? v / 4 : v
  }
  return { dtype: 'float32', shape, data: Float32Array.from(u, change) }
}

const parameters = Object.fromEntries(
  Object.entries(golden.shapes).map(([name, shape], stream) => [name, startOf(name, shape, stream)]),
)

/** The groups of the formula's token maps, `[images, patches, groups * width]`. */
function drawRows(): Tensor {
  const each = taps / plan.groups
  const data = new Float32Array(images * patches * dimension)
  for (let t = 0; t < taps; t++) {
    formula(100 + t, images * patches * plan.width).forEach((u, i) => {
      const channel = i % plan.width
      const group = Math.floor(t / each)
      data[Math.floor(i / plan.width) * dimension + group * plan.width + channel]! +=
        (2 * u + channel / 4) / each
    })
  }
  return { dtype: 'float32', shape: [images, patches, dimension], data }
}

function expectClose(
  what: string,
  found: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
  least = 0,
): void {
  expect(found.length, what).toBe(expected.length)
  const largest = Math.max(least, ...expected.map(Math.abs))
  expected.forEach((value, i) =>
    expect(Math.abs(Number(found[i]) - value), `${what}[${i}]`).toBeLessThan(tolerance * largest),
  )
}

/** `[images, patches, width]` as the reference has it, `[images, width, side, side]`. */
const toPlanes = (g: GraphBuilder, x: Value): Value => g.transpose(x, [0, 2, 1])

test('parameters have the names, shapes and order of the reference', () => {
  expect([...parameterShapes(plan)]).toEqual(Object.entries(golden.shapes))
})

test('tokens are reconstructed, and maps and scores made, as in the reference', async () => {
  const g = createGraph('forward')
  const rows = g.input('rows', 'float32', ['n', 'patches', dimension])
  const planes = g.input('planes', 'float32', ['n', 1, 'h', 'w'])
  const made = new Map<string, Value>()
  const lookup = (name: string): Value => {
    const value = made.get(name) ?? g.constant(parameters[name] as Tensor, name)
    made.set(name, value)
    return value
  }
  const groups = splitGroups(g, rows, plan)
  const fused = fuseGroups(g, groups)
  const prototypes = addPrototypes(g, fused, plan, lookup)
  const decoded = addReconstruction(g, fused, prototypes, plan, lookup)
  groups.forEach((group, i) => g.output(`encoded${i}`, toPlanes(g, group)))
  decoded.forEach((group, i) => g.output(`decoded${i}`, toPlanes(g, group)))
  g.output('coherence', addCoherenceLoss(g, fused, prototypes))
  const grid = g.reshape(addMean(g, addDistances(g, groups, decoded)), [0, 1, side, side])
  const map = addPublishedMap(g, grid, planes, mask)
  g.output('map', map)
  const count = Math.floor(mask * mask * golden.topShare)
  g.output('score', g.mean(g.topK(g.reshape(map, [0, -1]), count, { axis: 1 }).values, { axes: [1] }))
  await using session = await openSession(writeOnnx(g.build()), testDevice, 'the test')
  const blank = {
    dtype: 'float32' as const,
    shape: [images, 1, input, input],
    data: new Float32Array(images * input * input),
  }
  const found = await session.run({ rows: drawRows(), planes: blank })
  const { forward } = golden
  const expected: Named = {
    ...Object.fromEntries(forward.encoded.map((e, i) => [`encoded${i}`, e])),
    ...Object.fromEntries(forward.decoded.map((d, i) => [`decoded${i}`, d])),
    coherence: [forward.coherence],
    map: forward.map,
    score: forward.score,
  }
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort())
  for (const [name, values] of Object.entries(expected))
    expectClose(name, found[name]?.data as Float32Array, values, float32)
})

test('the loss sends the gradient of the reference to every parameter', async () => {
  const g = createGraph('gradient')
  const rows = g.input('rows', 'float32', [images, patches, dimension])
  const names = Object.keys(parameters)
  const values = new Map(names.map((name) => [name, g.input(name, 'float32', parameters[name]?.shape ?? [])]))
  const lookup = (name: string): Value => values.get(name) as Value
  const groups = splitGroups(g, rows, plan)
  const fused = fuseGroups(g, groups)
  const prototypes = addPrototypes(g, fused, plan, lookup)
  const decoded = addReconstruction(g, fused, prototypes, plan, lookup)
  const loss = g.add(
    addReconstructionLoss(g, groups, decoded, training.exponent),
    g.mul(addCoherenceLoss(g, fused, prototypes), training.coherence),
  )
  g.output('loss', loss)
  gradient(g, loss, names.map(lookup)).forEach((value, i) => g.output(`d.${names[i]}`, value))
  await using session = await openSession(writeOnnx(g.build()), testDevice, 'the test')
  const found = await session.run({ rows: drawRows(), ...parameters })
  expectClose('loss', found['loss']?.data as Float32Array, golden.losses.slice(0, 1), float32)
  for (const [name, expected] of Object.entries(golden.gradients))
    expectClose(name, found[`d.${name}`]?.data as Float32Array, expected, float32, leastGradient)
})

test('parameters move as in the reference, over one step and over twenty', () => {
  expect(Object.keys(golden.after)).toEqual(['1', '20'])
  const recipe = testRecipe({ inpFormer: { ...training } }).inpFormer
  const { graph, carried } = buildTrainingStep(plan, recipe, parameters, {
    images,
    context: patches,
    tokens: 0,
  })
  const { rate, finalRate, steps } = training
  const rateOf = warmCosine({ base: rate, final: finalRate, warmupSteps: 0, totalSteps: steps })
  const scalar = (value: number): Tensor => ({ dtype: 'float64', shape: [], data: Float64Array.of(value) })
  let state: Record<string, Tensor> = Object.fromEntries(carried.map((c) => [c.input, c.initial]))
  // In float64, because the gradient of a key's bias vanishes behind a softmax and its rounding decides the step.
  for (let step = 1; step <= steps; step++) {
    const found = evaluate(graph, {
      context: drawRows(),
      ...state,
      step: scalar(step),
      learningRate: scalar(rateOf(step - 1)),
    })
    state = Object.fromEntries(carried.map((c) => [c.input, found[c.output] as Tensor]))
    const tolerance = step === 1 ? float64 : afterSteps
    expectClose(
      `loss ${step}`,
      found['loss']?.data as Float64Array,
      [golden.losses[step - 1] ?? NaN],
      tolerance,
    )
    for (const [name, expected] of Object.entries(golden.after[step] ?? {}))
      expectClose(`${name} after ${step}`, state[`p.${name}`]?.data as Float64Array, expected, tolerance)
  }
})
