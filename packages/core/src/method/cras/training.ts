/**
 * One optimiser step of CRAS as one ONNX model (methods.md, CRAS 3 to 8 and 14).
 *
 * Inputs: the rows of a batch (good ones, then damaged ones), their centres or, in paper mode, their
 * products, unit noise per head, and the state; outputs: the loss and the next state. Every head has its own
 * adaptor, noise and discriminator over the same centres.
 */
import type { Recipe } from '@assay/contract'
import {
  adam,
  adamW,
  createGraph,
  gradient,
  writeOnnx,
  type GraphBuilder,
  type Tensor,
  type Value,
} from '@assay/graph'
import type { Bank } from '../../memory/bank.ts'
import { addCosineSearch, addExclusion } from './centres.ts'
import {
  addAdaptor,
  addHeadInput,
  addTrainingDiscriminator,
  headParameters,
  headStatistics,
  type Lookup,
} from './head.ts'

export interface TrainingModel {
  readonly bytes: Uint8Array
  /** Input name of each kept tensor, to the output that replaces it. */
  readonly loop: Readonly<Record<string, string>>
  readonly initial: Readonly<Record<string, Tensor>>
}

export interface TrainingShape {
  /** Good rows per step; there are as many fakes. */
  readonly rows: number
  /** How many of the fakes are damaged patches. */
  readonly damagedRows: number
  readonly dimension: number
  /** Standard deviation of the noise, in feature units. */
  readonly noise: number
}

/** Residuals shorter than this share of the batch's mean would blow the guided noise up. */
const shortestResidual = 0.1

export function buildTrainingModel(recipe: Recipe, bank: Bank, shape: TrainingShape): TrainingModel {
  const { cras, seed } = recipe
  const { rows: rowCount, damagedRows, dimension } = shape
  const noisyRows = rowCount - damagedRows
  const g = createGraph('cras-step')
  const rows = g.input('rows', 'float32', [rowCount + damagedRows, dimension])
  const time = g.input('time', 'float32', [])

  const initial: Record<string, Tensor> = {}
  const loop: Record<string, string> = {}
  const keep = (name: string, start: Tensor): Value => {
    initial[name] = start
    loop[name] = `${name}.next`
    return g.input(name, start.dtype, start.shape)
  }
  const heads = cras.headInputs.map((_, head) => head)
  const parameters = heads.flatMap((head) => headParameters(cras, head, dimension, seed))
  const values = new Map<string, Value>()
  for (const { name, initial: start } of parameters) values.set(name, keep(name, start))
  for (const head of heads)
    for (const { name, initial: start } of headStatistics(cras, head, dimension))
      values.set(name, keep(name, start))
  const lookup: Lookup = (name) => {
    const found = values.get(name)
    if (found === undefined) throw new Error(`internal: CRAS step has no ${name}`)
    return found
  }
  const update = (name: string, value: Value): void => g.output(`${name}.next`, value)

  const centres =
    cras.centres === 'coreset'
      ? addGivenCentres(g, cras, rows, lookup, initial)
      : addSearchedCentres(g, cras, bank, rows, initial)
  let loss: Value | undefined
  for (const head of heads) {
    const unit = g.input(`noise${head}`, 'float32', [noisyRows, dimension])
    const adapted = addAdaptor(g, rows, cras, head, lookup)
    const residual = g.sub(adapted, centres(head, adapted))
    const part = (value: Value, starts: number, ends: number): Value =>
      starts === 0 && ends === rowCount + damagedRows
        ? value
        : g.slice(value, { axes: [0], starts: [starts], ends: [ends] })
    const noise = addGuidedNoise(g, g.mul(unit, shape.noise), part(residual, 0, noisyRows), cras)
    const stack = (value: Value): Value => {
      const noisy = g.add(part(value, 0, noisyRows), noise)
      // Good rows first, then the fakes: noise on the first good rows, then the damaged rows as they are.
      return g.concat(
        [
          part(value, 0, rowCount),
          noisy,
          ...(damagedRows === 0 ? [] : [part(value, rowCount, rowCount + damagedRows)]),
        ],
        { axis: 0 },
      )
    }
    const inputs = addHeadInput(g, stack(adapted), stack(residual), cras, head)
    const logits = addTrainingDiscriminator(g, inputs, cras, head, lookup, update)
    const [realLogits, fakeLogits] = g.split(logits, [rowCount, rowCount], { axis: 0 })
    if (realLogits === undefined || fakeLogits === undefined) throw new Error('internal: split into two')
    // Binary cross-entropy on logits: target 0 for real, 1 for fake.
    const headLoss = g.add(g.mean(g.softplus(realLogits), {}), g.mean(g.softplus(g.neg(fakeLogits)), {}))
    loss = loss === undefined ? headLoss : g.add(loss, headLoss)
  }
  if (loss === undefined) throw new Error('internal: CRAS without heads')

  // Heads share no parameter, so the gradient of the sum is the gradient of each.
  const gradients = gradient(
    g,
    loss,
    parameters.map((p) => lookup(p.name)),
  )
  for (const group of ['adaptor', 'discriminator'] as const) {
    const chosen = parameters.map((p, i) => ({ ...p, i })).filter((p) => p.group === group)
    const optimise = group === 'adaptor' ? adamW : adam
    const state = optimise.initialState(chosen.map((p) => p.initial))
    const stateNames = state.map((_, i) => `${group}.state${i}`)
    const stateValues = state.map((tensor, i) => keep(stateNames[i] ?? '', tensor))
    const next = optimise(
      g,
      {
        parameters: chosen.map((p) => lookup(p.name)),
        gradients: chosen.map((p) => gradients[p.i] as Value),
        state: stateValues,
        step: time,
        learningRate: g.constant([group === 'adaptor' ? cras.adaptorRate : cras.headRate], [], 'float32'),
      },
      { weightDecay: group === 'adaptor' ? cras.adaptorDecay : cras.headDecay },
    )
    next.parameters.forEach((value, i) => g.output(`${chosen[i]?.name}.next`, value))
    next.state.forEach((value, i) => g.output(`${stateNames[i]}.next`, value))
  }
  g.output('loss', g.div(loss, heads.length))
  return { bytes: writeOnnx(g.build()), loop, initial }
}

/** The centre of each row for a head, as its residual uses it. */
type CentresOf = (head: number, adapted: Value) => Value

/** Assay mode: the raw centres come with the rows; the residual uses them as the current adaptor sees them. */
function addGivenCentres(
  g: GraphBuilder,
  cras: Recipe['cras'],
  rows: Value,
  lookup: Lookup,
  initial: Readonly<Record<string, Tensor>>,
): CentresOf {
  const raw = g.input('centres', 'float32', rows.shape)
  const weights = cras.refreshCentres ? lookup : frozen(g, initial)
  return (head) => addAdaptor(g, raw, cras, head, weights)
}

/** Paper mode: the position means, adapted once by the fresh adaptor and then fixed; nearest by cosine. */
function addSearchedCentres(
  g: GraphBuilder,
  cras: Recipe['cras'],
  bank: Bank,
  rows: Value,
  initial: Readonly<Record<string, Tensor>>,
): CentresOf {
  const total = bank.products * bank.size
  const raw = g.constant({ ...bank.entries, shape: [total, bank.dimension] }, 'centres')
  const penalty = addExclusion(g, bank, g.input('rowProduct', 'int64', [rows.shape[0] ?? 0]))
  const start = frozen(g, initial)
  return (head, adapted) =>
    addCosineSearch(g, g.stopGradient(adapted), addAdaptor(g, raw, cras, head, start), {
      size: total,
      penalty,
    })
}

/** The tensors as they were at the start. */
function frozen(g: GraphBuilder, initial: Readonly<Record<string, Tensor>>): Lookup {
  return (name) => {
    const tensor = initial[name]
    if (tensor === undefined) throw new Error(`internal: CRAS starts without ${name}`)
    return g.constant(tensor)
  }
}

/** Scaled noise: more where the patch is near its centre, about the same on average; a constant for the gradient. */
function addGuidedNoise(g: GraphBuilder, noise: Value, residual: Value, cras: Recipe['cras']): Value {
  if (cras.distanceGuide === 0) return noise
  const length = g.norm(residual, { axes: [1], keepDims: true })
  // Where every patch is its own centre, as with a single picture, all residuals are zero.
  const least = g.maximum(length, 1e-12)
  const floored =
    cras.centres === 'coreset' ? g.maximum(least, g.mul(g.mean(length, {}), shortestResidual)) : least
  const ratio = g.div(g.norm(noise, { axes: [1], keepDims: true }), floored)
  const relative = g.div(ratio, g.maximum(g.mean(ratio, {}), 1e-12))
  const scale = g.add(g.mul(g.sub(relative, 1), cras.distanceGuide), 1)
  return g.stopGradient(g.mul(noise, scale))
}
