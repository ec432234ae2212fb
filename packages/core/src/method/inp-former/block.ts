/**
 * The layers of INP-Former as graph nodes (arXiv 2503.02424; methods.md RoBiS 3).
 *
 * Tokens are `[n, tokens, width]`; n and tokens may be named sizes. The reference has dropout layers
 * throughout but trains with all their rates 0, so there are none here.
 */
import type { GraphBuilder, Value } from '@assay/graph'
import type { HeadPlan } from './head.ts'

/** A parameter by its name: a graph input while training, a constant in the model. */
export type Lookup = (name: string) => Value

/** The reference's added blocks use this, not torch's default. */
const normEpsilon = 1e-8

/** `x + attention(x over y)`, then `x + MLP(x)`; softmax attention, both sides normalised by one layer. */
export function addAggregation(
  g: GraphBuilder,
  x: Value,
  y: Value,
  plan: HeadPlan,
  lookup: Lookup,
  name: string,
): Value {
  const { query, key, value } = addProjections(g, x, y, plan, lookup, name)
  const scale = (plan.width / plan.heads) ** -0.5
  const weights = g.softmax(g.mul(addSimilarity(g, query, key), scale), { axis: -1 })
  const attended = g.add(x, addHeads(g, g.matmul(weights, value), plan, lookup, name))
  return addResidualMlp(g, attended, lookup, name)
}

/**
 * A decoder block: each token becomes a combination of the prototypes, weighted by relu(cosine) times a
 * learned scale per head. There is no way around this attention, or the token could pass unchanged.
 */
export function addPrototypeBlock(
  g: GraphBuilder,
  x: Value,
  prototypes: Value,
  plan: HeadPlan,
  lookup: Lookup,
  name: string,
): Value {
  const { query, key, value } = addProjections(g, x, prototypes, plan, lookup, name)
  const cosine = addSimilarity(g, g.normalise(query, { axis: -1 }), g.normalise(key, { axis: -1 }))
  const weights = g.relu(g.mul(cosine, lookup(`${name}.attn.learn_scale`)))
  return addResidualMlp(g, addHeads(g, g.matmul(weights, value), plan, lookup, name), lookup, name)
}

/** Width to four widths and back, with GELU between. */
export function addMlp(g: GraphBuilder, x: Value, lookup: Lookup, name: string): Value {
  return addLinear(g, g.gelu(addLinear(g, x, lookup, `${name}.fc1`)), lookup, `${name}.fc2`)
}

function addResidualMlp(g: GraphBuilder, x: Value, lookup: Lookup, name: string): Value {
  return g.add(x, addMlp(g, addNorm(g, x, lookup, `${name}.norm2`), lookup, `${name}.mlp`))
}

function addNorm(g: GraphBuilder, x: Value, lookup: Lookup, name: string): Value {
  return g.layerNorm(x, lookup(`${name}.weight`), lookup(`${name}.bias`), { eps: normEpsilon })
}

/** Weights are `[out, in]`, as torch keeps them. */
function addLinear(g: GraphBuilder, x: Value, lookup: Lookup, name: string): Value {
  return g.add(g.matmul(x, g.transpose(lookup(`${name}.weight`), [1, 0])), lookup(`${name}.bias`))
}

interface Projections {
  /** `[n, heads, tokens, width / heads]` */
  readonly query: Value
  /** `[n, heads, others, width / heads]`, as is `value`. */
  readonly key: Value
  readonly value: Value
}

/** Of `x` over `y`, both normalised by one layer. */
function addProjections(
  g: GraphBuilder,
  x: Value,
  y: Value,
  { width, heads }: HeadPlan,
  lookup: Lookup,
  name: string,
): Projections {
  const spread = (tokens: Value): Value =>
    g.transpose(g.reshape(tokens, [0, 0, heads, width / heads]), [0, 2, 1, 3])
  const normed = (tokens: Value): Value => addNorm(g, tokens, lookup, `${name}.norm1`)
  const both = addLinear(g, normed(y), lookup, `${name}.attn.kv`)
  const [key, value] = g.split(both, [width, width], { axis: -1 })
  if (key === undefined || value === undefined) throw new Error('internal: split into two')
  return {
    query: spread(addLinear(g, normed(x), lookup, `${name}.attn.q`)),
    key: spread(key),
    value: spread(value),
  }
}

function addSimilarity(g: GraphBuilder, query: Value, key: Value): Value {
  return g.matmul(query, g.transpose(key, [0, 1, 3, 2]))
}

/** Brings the heads together again and projects. */
function addHeads(g: GraphBuilder, x: Value, { width }: HeadPlan, lookup: Lookup, name: string): Value {
  const joined = g.reshape(g.transpose(x, [0, 2, 1, 3]), [0, 0, width])
  return addLinear(g, joined, lookup, `${name}.attn.proj`)
}
