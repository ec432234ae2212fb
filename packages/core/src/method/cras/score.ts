/**
 * Scoring with a trained CRAS as graph nodes (methods.md, CRAS 10 and 14).
 *
 * Assay mode adds two readings of a patch: the discriminator's logit and the distance to the nearest
 * centre, each in units of its spread over good patches. Paper mode gives the sigmoid of the logit.
 */
import type { Recipe } from '@assay/contract'
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import { addBank } from '../../memory/bank.ts'
import type { PatchScores, ScoreInput } from '../method.ts'
import { addCentreSearch, addCloseCosineSearch } from './centres.ts'
import { addAdaptor, addDiscriminator, addHeadInput, type Lookup } from './head.ts'

export interface AssayScoreInput {
  readonly scope: string
  readonly rows: Value
  readonly bank: Value
  readonly size: number
  readonly neighbours: number
  readonly penalty: Value | null
  readonly tensors: Readonly<Record<string, Tensor>>
  readonly cras: Recipe['cras']
}

/** The readings of a patch that a score is made of; each of the rows' shape without its last axis. */
export interface Readings {
  /** Mean over the heads. */
  readonly logit: Value
  /** Distance to the nearest centre. */
  readonly nearest: Value
  /** Mean distance to the nearest few. */
  readonly mean: Value
}

/** Order of the readings in the tensor of their scales, `[products, 2 * readings]`: mean and deviation of each. */
export const readings = ['logit', 'nearest', 'mean'] as const

export function addReadings(g: GraphBuilder, input: AssayScoreInput): Readings {
  const { scope, rows, bank, size, neighbours, penalty, tensors, cras } = input
  const { centres, nearest, mean } = addCentreSearch(g, rows, bank, { size, neighbours, penalty })
  const lookup = constants(g, tensors, scope)
  const logits = cras.headInputs.map((_, head) => {
    const adapted = addAdaptor(g, rows, cras, head, lookup)
    const residual = g.sub(adapted, addAdaptor(g, centres, cras, head, lookup))
    return addDiscriminator(g, addHeadInput(g, adapted, residual, cras, head), cras, head, tensors, scope)
  })
  const sum = logits.reduce((total, logit) => g.add(total, logit))
  return { logit: g.squeeze(g.div(sum, logits.length), [-1]), nearest, mean }
}

/** The scores of a finished model. */
export function addCrasScores(
  g: GraphBuilder,
  { scope, rows, product, fitted, recipe, penalty }: Omit<ScoreInput, 'grid'>,
): PatchScores {
  const { tensors } = fitted
  const { bank, size } = addBank(g, tensors, product, scope)
  if (recipe.mode === 'paper') {
    const score = addPaperScore(g, rows, bank, size, tensors, recipe.cras, scope)
    return { image: score, map: score }
  }
  const { neighbours } = recipe.memory
  const parts = addReadings(g, { scope, rows, bank, size, neighbours, penalty, tensors, cras: recipe.cras })
  const scales = tensors['scales']
  if (scales === undefined) throw new Error('internal: CRAS without its scales')
  const all = g.constant(scales, `${scope}scales`)
  const own = product === null ? all : g.gather(all, product, { axis: 0 })
  const columns = g.split(own, Array<number>(2 * readings.length).fill(1), { axis: 1 })
  const standardised = (name: (typeof readings)[number]): Value => {
    const at = 2 * readings.indexOf(name)
    const [mean, deviation] = columns.slice(at)
    if (mean === undefined || deviation === undefined)
      throw new Error('internal: CRAS scales of another width')
    return g.div(g.sub(parts[name], mean), deviation)
  }
  const logit = standardised('logit')
  return {
    image: g.add(logit, g.mul(standardised('nearest'), recipe.cras.distanceInScore)),
    map: g.add(logit, g.mul(standardised('mean'), recipe.cras.distanceInMap)),
  }
}

/**
 * The published way to recognise the product: the centre bank whose flattened form is most similar, by
 * cosine, to the flattened adapted features. Image by image; the reference votes over the batch.
 */
export function addPaperRoute(
  g: GraphBuilder,
  { scope, rows, fitted, recipe }: Pick<ScoreInput, 'scope' | 'rows' | 'fitted' | 'recipe'>,
): Value {
  const { tensors } = fitted
  const bank = tensors['bank']
  if (bank === undefined) throw new Error('internal: CRAS without its centres')
  const [products = 0, size = 0, dimension = 0] = bank.shape
  const adapted = addAdaptor(g, rows, recipe.cras, 0, constants(g, tensors, scope))
  const flat = g.normalise(g.reshape(adapted, [0, size * dimension]), { axis: 1, eps: 1e-8 })
  const centres = g.normalise(g.reshape(g.constant(bank, `${scope}bank`), [products, size * dimension]), {
    axis: 1,
    eps: 1e-8,
  })
  return g.argMax(g.gemm(flat, centres, undefined, { transB: true }), { axis: 1, keepDims: false })
}

function addPaperScore(
  g: GraphBuilder,
  rows: Value,
  bank: Value,
  size: number,
  tensors: Readonly<Record<string, Tensor>>,
  cras: Recipe['cras'],
  scope: string,
): Value {
  const lookup = constants(g, tensors, scope)
  const adapted = addAdaptor(g, rows, cras, 0, lookup)
  // The bank holds the centres as the fresh adaptor made them; they are not adapted again.
  const centres = addCloseCosineSearch(g, adapted, bank, { size })
  const input = addHeadInput(g, adapted, g.sub(adapted, centres), cras, 0)
  return g.squeeze(g.sigmoid(addDiscriminator(g, input, cras, 0, tensors, scope)), [-1])
}

function constants(g: GraphBuilder, tensors: Readonly<Record<string, Tensor>>, scope: string): Lookup {
  const made = new Map<string, Value>()
  return (name) => {
    const known = made.get(name)
    if (known !== undefined) return known
    const tensor = tensors[name]
    if (tensor === undefined) throw new Error(`internal: CRAS has no tensor ${name}`)
    const value = g.constant(tensor, scope + name)
    made.set(name, value)
    return value
  }
}
