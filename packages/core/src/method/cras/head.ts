/**
 * CRAS's trainable part as graph nodes: adaptor, residual, discriminator (methods.md, CRAS 3, 5, 7).
 *
 * The same functions build the training step and the finished model; only the batch norm differs.
 */
import type { Recipe } from '@assay/contract'
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import { createRandom } from '../../random.ts'

type CrasRecipe = Recipe['cras']

export interface ParameterSpec {
  readonly name: string
  readonly initial: Tensor
  readonly group: 'adaptor' | 'discriminator'
}

/** A batch norm's running mean and variance: kept between steps, not trained. */
export interface StatisticSpec {
  readonly name: string
  readonly initial: Tensor
}

const normEpsilon = 1e-5

/** Widths of the discriminator's layers, input first, the single output left out. */
export function layerWidths(cras: CrasRecipe, head: number, dimension: number): number[] {
  const input = cras.headInputs[head] === 'residual' ? dimension : 2 * dimension
  const hidden = cras.hidden === 0 ? dimension : cras.hidden
  // As in the reference: the first hidden layer has full width, each further one half of the one before.
  const widths = [input]
  for (let layer = 0; layer < cras.layers - 1; layer++) widths.push(Math.max(1, hidden >> layer))
  return widths
}

/** All trainable tensors of a head with their seeded start, Xavier-normal as in the reference. */
export function headParameters(
  cras: CrasRecipe,
  head: number,
  dimension: number,
  seed: number,
): ParameterSpec[] {
  const parameters: ParameterSpec[] = []
  const draw = (name: string, rows: number, columns: number): Tensor => {
    const data = new Float32Array(rows * columns)
    createRandom(seed, 'cras-start', head, name).fillNormal(data, Math.sqrt(2 / (rows + columns)))
    return tensor([rows, columns], data)
  }
  if (cras.adaptor !== 'none') {
    const initial =
      cras.adaptor === 'identity' ? identity(dimension) : draw('adaptor.weight', dimension, dimension)
    parameters.push({ name: `head${head}.adaptor.weight`, group: 'adaptor', initial })
    // torch's Linear draws its bias from U(-1/sqrt(d), 1/sqrt(d)); with the identity it starts at zero.
    const bias = new Float32Array(dimension)
    if (cras.adaptor === 'xavier') {
      const random = createRandom(seed, 'cras-start', head, 'adaptor.bias')
      for (let i = 0; i < dimension; i++) bias[i] = (2 * random.float64() - 1) / Math.sqrt(dimension)
    }
    parameters.push({
      name: `head${head}.adaptor.bias`,
      group: 'adaptor',
      initial: tensor([dimension], bias),
    })
  }
  const widths = layerWidths(cras, head, dimension)
  for (let layer = 0; layer + 1 < widths.length; layer++) {
    const [from = 0, to = 0] = widths.slice(layer)
    const prefix = `head${head}.block${layer + 1}`
    const random = createRandom(seed, 'cras-start', head, `block${layer + 1}.bias`)
    const bias = Float32Array.from({ length: to }, () => (2 * random.float64() - 1) / Math.sqrt(from))
    parameters.push(
      { name: `${prefix}.weight`, group: 'discriminator', initial: draw(`block${layer + 1}`, from, to) },
      { name: `${prefix}.bias`, group: 'discriminator', initial: tensor([to], bias) },
      {
        name: `${prefix}.scale`,
        group: 'discriminator',
        initial: tensor([to], new Float32Array(to).fill(1)),
      },
      { name: `${prefix}.shift`, group: 'discriminator', initial: tensor([to], new Float32Array(to)) },
    )
  }
  const last = widths.at(-1) ?? 0
  parameters.push({ name: `head${head}.tail.weight`, group: 'discriminator', initial: draw('tail', last, 1) })
  return parameters
}

/** The running statistics of a head's batch norms. */
export function headStatistics(cras: CrasRecipe, head: number, dimension: number): StatisticSpec[] {
  return layerWidths(cras, head, dimension)
    .slice(1)
    .flatMap((width, layer) => [
      { name: `head${head}.block${layer + 1}.mean`, initial: tensor([width], new Float32Array(width)) },
      {
        name: `head${head}.block${layer + 1}.variance`,
        initial: tensor([width], new Float32Array(width).fill(1)),
      },
    ])
}

/** Looks up a tensor of the head by name: a graph input while training, a constant in the model. */
export type Lookup = (name: string) => Value

/** Adapted rows `[rows, d]`, or the rows themselves without an adaptor. */
export function addAdaptor(
  g: GraphBuilder,
  rows: Value,
  cras: CrasRecipe,
  head: number,
  lookup: Lookup,
): Value {
  if (cras.adaptor === 'none') return rows
  return g.add(g.matmul(rows, lookup(`head${head}.adaptor.weight`)), lookup(`head${head}.adaptor.bias`))
}

/** What the discriminator sees of adapted features and their centres. */
export function addHeadInput(
  g: GraphBuilder,
  adapted: Value,
  residual: Value,
  cras: CrasRecipe,
  head: number,
): Value {
  return cras.headInputs[head] === 'residual' ? residual : g.concat([adapted, residual], { axis: -1 })
}

/** Logits `[rows, 1]` in training form; `update` receives the next running statistics by name. */
export function addTrainingDiscriminator(
  g: GraphBuilder,
  input: Value,
  cras: CrasRecipe,
  head: number,
  lookup: Lookup,
  update: (name: string, value: Value) => void,
): Value {
  let x = input
  for (let layer = 1; layer < cras.layers; layer++) {
    const prefix = `head${head}.block${layer}`
    const linear = g.gemm(x, lookup(`${prefix}.weight`), lookup(`${prefix}.bias`))
    const normed = g.batchNormTraining(linear, {
      scale: lookup(`${prefix}.scale`),
      bias: lookup(`${prefix}.shift`),
      mean: lookup(`${prefix}.mean`),
      variance: lookup(`${prefix}.variance`),
      eps: normEpsilon,
      momentum: 0.1,
    })
    update(`${prefix}.mean`, normed.mean)
    update(`${prefix}.variance`, normed.variance)
    x = g.leakyRelu(normed.y, cras.leak)
  }
  return g.gemm(x, lookup(`head${head}.tail.weight`))
}

/** Logits `[..., 1]` of the finished head: every batch norm folded into its linear layer. */
export function addDiscriminator(
  g: GraphBuilder,
  input: Value,
  cras: CrasRecipe,
  head: number,
  tensors: Readonly<Record<string, Tensor>>,
  scope: string,
): Value {
  const values = (name: string): Tensor => {
    const found = tensors[name]
    if (found === undefined) throw new Error(`internal: CRAS has no tensor ${name}`)
    return found
  }
  let x = input
  for (let layer = 1; layer < cras.layers; layer++) {
    const prefix = `head${head}.block${layer}`
    const { weight, bias } = foldNorm({
      weight: values(`${prefix}.weight`),
      bias: values(`${prefix}.bias`),
      scale: values(`${prefix}.scale`),
      shift: values(`${prefix}.shift`),
      mean: values(`${prefix}.mean`),
      variance: values(`${prefix}.variance`),
    })
    const linear = g.add(
      g.matmul(x, g.constant(weight, `${scope}${prefix}.weight`)),
      g.constant(bias, `${scope}${prefix}.bias`),
    )
    x = g.leakyRelu(linear, cras.leak)
  }
  return g.matmul(x, g.constant(values(`head${head}.tail.weight`), `${scope}head${head}.tail.weight`))
}

function foldNorm(t: Readonly<Record<'weight' | 'bias' | 'scale' | 'shift' | 'mean' | 'variance', Tensor>>): {
  weight: Tensor
  bias: Tensor
} {
  const [from = 0, to = 0] = t.weight.shape
  const weight = new Float32Array(from * to)
  const bias = new Float32Array(to)
  for (let j = 0; j < to; j++) {
    const factor = Number(t.scale.data[j]) / Math.sqrt(Number(t.variance.data[j]) + normEpsilon)
    bias[j] = (Number(t.bias.data[j]) - Number(t.mean.data[j])) * factor + Number(t.shift.data[j])
    for (let i = 0; i < from; i++) weight[i * to + j] = Number(t.weight.data[i * to + j]) * factor
  }
  return { weight: tensor([from, to], weight), bias: tensor([to], bias) }
}

function identity(n: number): Tensor {
  const data = new Float32Array(n * n)
  for (let i = 0; i < n; i++) data[i * n + i] = 1
  return tensor([n, n], data)
}

function tensor(shape: readonly number[], data: Float32Array): Tensor {
  return { dtype: 'float32', shape, data }
}
