/** Paths of the optimisers over six steps, against torch and INP-Former's StableAdamW (tools/golden/graph.py). */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectClose, runOnnx } from '../../testing/op-case.ts'
import {
  adam,
  adamW,
  clipByGlobalNorm,
  createGraph,
  stableAdamW,
  tensor,
  toNumbers,
  type ConfiguredOptimiser,
  type Graph,
  type Tensor,
} from '../index.ts'
import { evaluate } from '../reference/index.ts'

interface Plain {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../fixtures/golden/graph.json', import.meta.url), 'utf8'),
) as {
  readonly optimisation: {
    readonly start: readonly Plain[]
    readonly rates: readonly number[]
    readonly gradients: readonly (readonly Plain[])[]
  }
  readonly optimisers: Readonly<Record<string, readonly (readonly Plain[])[]>>
}

const settings: Record<string, { readonly optimiser: ConfiguredOptimiser; readonly maxNorm?: number }> = {
  adam: { optimiser: adam.with() },
  'adam with L2': { optimiser: adam.with({ beta1: 0.8, beta2: 0.99, eps: 1e-3, weightDecay: 0.1 }) },
  adamW: { optimiser: adamW.with() },
  'adamW with decay and clipping': { optimiser: adamW.with({ weightDecay: 0.5 }), maxNorm: 1.5 },
  stableAdamW: { optimiser: stableAdamW.with() },
  'stableAdamW of INP-Former': {
    optimiser: stableAdamW.with({ amsgrad: true, eps: 1e-10, weightDecay: 1e-4 }),
    maxNorm: 0.1,
  },
  'stableAdamW with a low threshold': { optimiser: stableAdamW.with({ amsgrad: true, clipThreshold: 0.3 }) },
}

/** The reference works in float64, but betas are float32 constants of the graph. */
const referenceTolerance = 2e-6
/** Six steps of about fifteen float32 roundings each, and 1 - beta2^step loses three digits at first. */
const onnxTolerance = 2e-5

test('every golden optimiser is built here', () => {
  expect(Object.keys(settings).sort()).toEqual(Object.keys(golden.optimisers).sort())
})

for (const [name, expected] of Object.entries(golden.optimisers)) {
  test(`${name} takes the same path`, async () => {
    const { optimiser, maxNorm } = settings[name]!
    const graph = stepGraph(optimiser, maxNorm)
    const engines = [
      {
        run: async (feeds: Readonly<Record<string, Tensor>>) => evaluate(graph, feeds),
        tolerance: referenceTolerance,
      },
      { run: (feeds: Readonly<Record<string, Tensor>>) => runOnnx(graph, feeds), tolerance: onnxTolerance },
    ]
    for (const { run, tolerance } of engines) {
      const { start, rates, gradients } = golden.optimisation
      let parameters = start.map(toTensor)
      let state = optimiser.initialState(parameters)
      for (const [i, rate] of rates.entries()) {
        const result = await run({
          ...named('p', parameters),
          ...named('g', gradients[i]!.map(toTensor)),
          ...named('s', state),
          step: tensor([i + 1], []),
          learningRate: tensor([rate], []),
        })
        parameters = parameters.map((_, at) => toFloat32(result[`p${at}.next`]!))
        state = state.map((_, at) => toFloat32(result[`s${at}.next`]!))
        expected[i]!.forEach(({ data }, at) =>
          expectClose(`step ${i + 1}`, toNumbers(parameters[at]!), Float64Array.from(data), tolerance),
        )
      }
    }
  })
}

function stepGraph(optimiser: ConfiguredOptimiser, maxNorm: number | undefined): Graph {
  const g = createGraph('step')
  const start = golden.optimisation.start.map(toTensor)
  const declare = (prefix: string, tensors: readonly Tensor[]) =>
    tensors.map(({ shape }, i) => g.input(`${prefix}${i}`, 'float32', shape))
  const plain = declare('g', start)
  const next = optimiser.apply(g, {
    parameters: declare('p', start),
    gradients: maxNorm === undefined ? plain : clipByGlobalNorm(g, plain, maxNorm),
    state: declare('s', optimiser.initialState(start)),
    step: g.input('step', 'float32', []),
    learningRate: g.input('learningRate', 'float32', []),
  })
  next.parameters.forEach((value, i) => g.output(`p${i}.next`, value))
  next.state.forEach((value, i) => g.output(`s${i}.next`, value))
  return g.build()
}

const toTensor = ({ shape, data }: Plain): Tensor => tensor(data, shape)

const toFloat32 = (t: Tensor): Tensor => tensor([...toNumbers(t)], t.shape)

const named = (prefix: string, tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(tensors.map((t, i) => [`${prefix}${i}`, t]))
