/**
 * Trains INP-Former on stored token maps.
 *
 * Everything drawn at a step depends on the seed and the step alone, so a training that was interrupted
 * and resumed ends in the same bytes as one that was not.
 */
import { AssayError } from '@assay/contract'
import { warmCosine, writeOnnx, type Tensor } from '@assay/graph'
import { openStatefulSession } from '../../runtime/index.ts'
import type { Fitted, FitEvent, FitInput } from '../method.ts'
import { createBatchSource, imagesPerPass } from './batch.ts'
import { planHead, startParameters } from './head.ts'
import { buildTrainingStep } from './training.ts'

const saveEveryMs = 10_000

export async function* fitInpFormer(input: FitInput): AsyncGenerator<FitEvent, Fitted> {
  const { store, recipe, device, checkpoints, signal } = input
  const { rate, finalRate, warmupSteps } = recipe.inpFormer
  const plan = planHead(recipe, store.dimension)
  const source = createBatchSource(input)
  const step = buildTrainingStep(plan, recipe.inpFormer, startParameters(plan, recipe.seed), source.shape)
  const total = countSteps(input)
  const rateOf = warmCosine({ base: rate, final: finalRate, warmupSteps, totalSteps: total })
  const saved = await checkpoints.load('head')
  const { step: savedStep, ...savedState } = saved ?? {}
  let done = Number(savedStep?.data[0] ?? 0)
  await using session = await openStatefulSession(
    writeOnnx(step.graph),
    device,
    'training',
    Object.fromEntries(step.carried.map((c) => [c.input, c.output])),
    saved === null ? Object.fromEntries(step.carried.map((c) => [c.input, c.initial])) : savedState,
  )
  if (saved !== null) yield { type: 'resumed', step: done, of: total }
  const save = async (): Promise<void> =>
    checkpoints.save('head', {
      ...(await session.readState()),
      step: { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(done)) },
    })
  let savedAt = performance.now()
  try {
    while (done < total) {
      signal?.throwIfAborted()
      const { loss } = await session.step({
        ...source.fill(done),
        step: scalar(done + 1),
        learningRate: scalar(rateOf(done)),
      })
      done++
      const value = Number(loss?.data[0])
      if (!Number.isFinite(value)) throw new AssayError('TRAINING_DIVERGED', { step: done, loss: value })
      if (performance.now() - savedAt > saveEveryMs) {
        await save()
        savedAt = performance.now()
      }
      yield { type: 'step', step: done, of: total, loss: value }
    }
  } catch (error) {
    // Stopped by hand: what was reached is kept.
    if (signal?.aborted === true) await save()
    throw error
  }
  await save()
  const state = await session.readState()
  const parameters = step.carried.filter((c) => c.kind === 'parameter')
  return {
    tensors: Object.fromEntries(
      parameters.map(({ name, input: key }) => {
        const tensor = state[key]
        if (tensor === undefined) throw new Error(`internal: the training kept no ${key}`)
        // The runtime may reuse its buffers after disposal.
        return [name, { ...tensor, data: tensor.data.slice() }]
      }),
    ),
    steps: total,
    owners: null,
  }
}

/** Optimiser steps that the recipe asks for. */
function countSteps({ recipe, products }: FitInput): number {
  const { steps, stepsPerExtraProduct, epochs, batch } = recipe.inpFormer
  if (steps > 0) return steps + stepsPerExtraProduct * (products.length - 1)
  return Math.ceil((epochs * imagesPerPass({ products, recipe })) / batch)
}

function scalar(value: number): Tensor {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) }
}
