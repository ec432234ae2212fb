/** What all optimisers have in common: the shape of a step, and the state that it carries on. */
import { fromNumbers, sizeOf, type DType, type Tensor } from '../dtype.ts'
import type { Operators } from '../operators.ts'
import { isStatic, formatShape } from '../shape.ts'
import type { Value } from '../value.ts'

export interface OptimiserInputs {
  readonly parameters: readonly Value[]
  /** As many as parameters, in their order. */
  readonly gradients: readonly Value[]
  /** For each slot, one value per parameter: all first moments, then all second ones, ... */
  readonly state: readonly Value[]
  /** Number of this step, a scalar counting from 1. */
  readonly step: Value
  /** A scalar. */
  readonly learningRate: Value
}

/** Next parameters and state, in the order of the inputs. */
export interface OptimiserStep {
  readonly parameters: readonly Value[]
  readonly state: readonly Value[]
}

/** Adds the nodes of one step to a graph. */
export interface Optimiser<O> {
  (g: Operators, inputs: OptimiserInputs, options?: O): OptimiserStep
  /** Names of the state kept for each parameter. */
  readonly slots: (options?: O) => readonly string[]
  /** Zeros in the order that `state` has. */
  readonly initialState: (parameters: readonly Pick<Tensor, 'shape'>[], options?: O) => Tensor[]
  /** This optimiser with its options settled. */
  readonly with: (options?: O) => ConfiguredOptimiser
}

/** An optimiser whose options are settled, so that different ones can stand side by side. */
export interface ConfiguredOptimiser {
  readonly slots: readonly string[]
  readonly initialState: (parameters: readonly Pick<Tensor, 'shape'>[]) => Tensor[]
  readonly apply: (g: Operators, inputs: OptimiserInputs) => OptimiserStep
}

/** What one parameter needs for its update. */
export interface ParameterStep {
  readonly parameter: Value
  readonly gradient: Value
  readonly slots: readonly Value[]
}

export interface ParameterUpdate {
  readonly parameter: Value
  readonly slots: readonly Value[]
}

/** Makes an optimiser of a function that prepares what all parameters share, and updates them one by one. */
export function defineOptimiser<O>(
  slots: (options?: O) => readonly string[],
  prepare: (g: Operators, inputs: OptimiserInputs, options?: O) => (step: ParameterStep) => ParameterUpdate,
): Optimiser<O> {
  const run = (g: Operators, inputs: OptimiserInputs, options?: O): OptimiserStep => {
    const { parameters, gradients, state } = inputs
    const names = slots(options)
    if (gradients.length !== parameters.length || state.length !== names.length * parameters.length) {
      throw new Error(
        `internal: an optimiser of ${parameters.length} parameters with slots ${names.join(', ')} got ${gradients.length} gradients and ${state.length} state values`,
      )
    }
    const update = prepare(g, inputs, options)
    const updates = parameters.map((parameter, i) =>
      update({
        parameter,
        gradient: gradients[i]!,
        slots: names.map((_, slot) => state[slot * parameters.length + i]!),
      }),
    )
    return {
      parameters: updates.map((u) => u.parameter),
      state: names.flatMap((_, slot) => updates.map((u) => u.slots[slot]!)),
    }
  }
  const initialState = (parameters: readonly Pick<Tensor, 'shape'>[], options?: O): Tensor[] =>
    slots(options).flatMap(() => parameters.map(({ shape }) => zeros(shape, 'float32')))
  const configure = (options?: O): ConfiguredOptimiser => ({
    slots: slots(options),
    initialState: (parameters) => initialState(parameters, options),
    apply: (g, inputs) => run(g, inputs, options),
  })
  return Object.assign(run, { slots, initialState, with: configure })
}

function zeros(shape: readonly number[], dtype: DType): Tensor {
  if (!isStatic(shape)) throw new Error(`internal: a parameter has a fixed shape, not ${formatShape(shape)}`)
  return { dtype, shape, data: fromNumbers({ length: sizeOf(shape) }, dtype) }
}
