/**
 * A whole training step as one graph: forward, loss, gradient and update.
 *
 * Inputs are the batch, parameters, buffers, optimiser state, the number of the step and learning rates; outputs
 * are the loss and whatever must be fed again next time. Whoever runs it needs to know names only:
 *
 *     parameter        p.<name>             ->  p.<name>.next
 *     buffer           b.<name>             ->  b.<name>.next
 *     optimiser state  s.<slot>.<name>      ->  s.<slot>.<name>.next
 *     scalars          step (1, 2, ...), learningRate or what a group calls it
 */
import { createGraph, type GraphBuilder } from './builder.ts'
import type { Tensor } from './dtype.ts'
import { gradient } from './gradient.ts'
import type { Graph } from './graph.ts'
import { clipByGlobalNorm } from './optimiser/clip.ts'
import type { ConfiguredOptimiser } from './optimiser/optimiser.ts'
import { simplify } from './simplify.ts'
import type { TensorType, Value } from './value.ts'

/** Parameters that share an optimiser and a learning rate. */
export interface ParameterGroup {
  /** Names; all parameters when absent. */
  readonly parameters?: readonly string[]
  readonly optimiser: ConfiguredOptimiser
  /** Name of the scalar input. Default `learningRate`. */
  readonly learningRate?: string
}

/** Values by name, for the forward part. Each throws on a name that was not declared. */
export interface TrainValues {
  readonly batch: (name: string) => Value
  readonly parameter: (name: string) => Value
  readonly buffer: (name: string) => Value
}

export interface ForwardResult {
  /** Scalar. */
  readonly loss: Value
  /** Further outputs, by name. */
  readonly outputs?: Readonly<Record<string, Value>>
  /** Next contents of every buffer, by name. */
  readonly buffers?: Readonly<Record<string, Value>>
}

export interface TrainStepSpec {
  readonly name: string
  /** What is fed anew in every step. */
  readonly batch: Readonly<Record<string, TensorType>>
  /** Trained tensors with their start values. */
  readonly parameters: Readonly<Record<string, Tensor>>
  /** Tensors that the forward part itself carries on, such as running statistics. */
  readonly buffers?: Readonly<Record<string, Tensor>>
  readonly forward: (g: GraphBuilder, values: TrainValues) => ForwardResult
  readonly groups: readonly ParameterGroup[]
  /** Gradients are scaled so that their norm over all parameters is at most this. */
  readonly maxGradientNorm?: number
}

/** A tensor that goes from an output of one step to an input of the next. */
export interface Carried {
  readonly kind: 'parameter' | 'buffer' | 'state'
  /** The parameter or buffer that it belongs to. */
  readonly name: string
  readonly input: string
  readonly output: string
  /** Content before the first step. */
  readonly initial: Tensor
}

export interface TrainStep {
  readonly graph: Graph
  readonly carried: readonly Carried[]
  /** Names of the learning rate inputs, in the order of the groups. */
  readonly learningRates: readonly string[]
}

/** Builds and simplifies the graph. Refuses parameters in no group or in two, and unknown names. */
export function trainStep(spec: TrainStepSpec): TrainStep {
  const { name, batch, parameters, buffers = {}, forward, groups, maxGradientNorm } = spec
  const g = createGraph(name)
  const batchValues = mapEntries(batch, (key, { dtype, shape }) => g.input(key, dtype, shape))
  const parameterValues = mapEntries(parameters, (key, { dtype, shape }) => g.input(`p.${key}`, dtype, shape))
  const bufferValues = mapEntries(buffers, (key, { dtype, shape }) => g.input(`b.${key}`, dtype, shape))
  const names = Object.keys(parameters)
  checkGroups(name, groups, names)

  const result = forward(g, {
    batch: lookUp(name, 'batch input', batchValues),
    parameter: lookUp(name, 'parameter', parameterValues),
    buffer: lookUp(name, 'buffer', bufferValues),
  })
  const plain = gradient(g, result.loss, [...parameterValues.values()])
  const limited = maxGradientNorm === undefined ? plain : clipByGlobalNorm(g, plain, maxGradientNorm)
  const gradients = new Map(names.map((key, i) => [key, limited[i]!]))

  g.output('loss', result.loss)
  for (const [key, value] of Object.entries(result.outputs ?? {})) g.output(key, value)
  const carried: Carried[] = []
  const carry = (kind: Carried['kind'], key: string, input: string, initial: Tensor, next: Value): void => {
    const output = `${input}.next`
    g.output(output, next)
    carried.push({ kind, name: key, input, output, initial })
  }

  const step = g.input('step', 'float32', [])
  const rates = new Map<string, Value>()
  for (const { parameters: members = names, optimiser, learningRate = 'learningRate' } of groups) {
    if (!rates.has(learningRate)) rates.set(learningRate, g.input(learningRate, 'float32', []))
    const initial = optimiser.initialState(members.map((key) => parameters[key]!))
    const owners = optimiser.slots.flatMap((slot) =>
      members.map((key) => ({ key, input: `s.${slot}.${key}` })),
    )
    const state = owners.map(({ input }, i) => g.input(input, initial[i]!.dtype, initial[i]!.shape))
    const next = optimiser.apply(g, {
      parameters: members.map((key) => parameterValues.get(key)!),
      gradients: members.map((key) => gradients.get(key)!),
      state,
      step,
      learningRate: rates.get(learningRate)!,
    })
    members.forEach((key, i) => carry('parameter', key, `p.${key}`, parameters[key]!, next.parameters[i]!))
    owners.forEach(({ key, input }, i) => carry('state', key, input, initial[i]!, next.state[i]!))
  }
  for (const [key, initial] of Object.entries(buffers)) {
    const next = result.buffers?.[key]
    if (next === undefined)
      throw new Error(`internal: training step "${name}" does not carry on the buffer "${key}"`)
    carry('buffer', key, `b.${key}`, initial, next)
  }
  return { graph: simplify(g.build()), carried, learningRates: [...rates.keys()] }
}

function checkGroups(name: string, groups: readonly ParameterGroup[], names: readonly string[]): void {
  const members = groups.flatMap((group) => group.parameters ?? names)
  const unknown = members.find((key) => !names.includes(key))
  if (unknown !== undefined)
    throw new Error(`internal: training step "${name}" has no parameter "${unknown}"`)
  for (const key of names) {
    const count = members.filter((member) => member === key).length
    if (count !== 1)
      throw new Error(`internal: training step "${name}": parameter "${key}" is in ${count} groups, not one`)
  }
}

function mapEntries<T>(
  record: Readonly<Record<string, T>>,
  toValue: (key: string, item: T) => Value,
): ReadonlyMap<string, Value> {
  return new Map(Object.entries(record).map(([key, item]) => [key, toValue(key, item)]))
}

function lookUp(step: string, kind: string, values: ReadonlyMap<string, Value>): (name: string) => Value {
  return (name) => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`internal: training step "${step}" has no ${kind} "${name}"`)
    return value
  }
}
