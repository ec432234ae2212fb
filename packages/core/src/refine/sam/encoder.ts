/**
 * The image encoder: a vision transformer with windowed attention and relative positions (Li et al., 2022, ViTDet).
 *
 * Tokens travel as `[tokens, width]`, row by row. In a block whose tokens all see each other the heads run one
 * after the other: their scores are 64 MiB per head, and a graph that made them at once would need ten times the
 * memory for no gain.
 */
import { createGraph, type Graph, type GraphBuilder, type Value } from '@assay/graph'

import { constantsOf, eps, layerNorm, layerNorm2d, type Constant } from './layer.ts'
import { tokensPerSide, type SamPlan } from './plan.ts'
import type { SamWeights } from './weights.ts'

/**
 * Input `image` `[1, 3, S, S]` float32, normalised and padded (see `prepareImage`); output `embedding`
 * `[1, channels, S / patch, S / patch]`.
 */
export function buildImageEncoder(plan: SamPlan, weights: SamWeights): Graph {
  const { imageSize, patch } = plan
  const { width, depth, heads, window, globalBlocks } = plan.encoder
  const side = tokensPerSide(plan)
  const g = createGraph(`${plan.id} image encoder`)
  const constant = constantsOf(g, weights)

  const image = g.input('image', 'float32', [1, 3, imageSize, imageSize])
  const patches = g.conv(
    image,
    constant('image_encoder.patch_embed.proj.weight'),
    constant('image_encoder.patch_embed.proj.bias'),
    { strides: patch },
  )
  const across = Math.ceil(side / window)
  const whole = groupTokens(g, 1, heads, side)
  const cut = groupTokens(g, across * across, heads, window)
  let tokens = g.add(
    g.reshape(g.transpose(patches, [0, 2, 3, 1]), [side * side, width]),
    g.reshape(constant('image_encoder.pos_embed'), [side * side, width]),
  )
  for (let i = 0; i < depth; i++) {
    const block = `image_encoder.blocks.${i}`
    const normed = layerNorm(g, constant, tokens, `${block}.norm1`, eps)
    const attended = globalBlocks.includes(i)
      ? attend(g, constant, normed, `${block}.attn`, whole)
      : attendInWindows(g, constant, normed, `${block}.attn`, side, cut)
    tokens = g.add(tokens, attended)
    const hidden = g.gelu(
      linear(g, constant, layerNorm(g, constant, tokens, `${block}.norm2`, eps), `${block}.mlp.lin1`),
    )
    tokens = g.add(tokens, linear(g, constant, hidden, `${block}.mlp.lin2`))
  }

  const map = g.transpose(g.reshape(tokens, [1, side, side, width]), [0, 3, 1, 2])
  const narrow = layerNorm2d(
    g,
    constant,
    g.conv(map, constant('image_encoder.neck.0.weight')),
    'image_encoder.neck.1',
  )
  const smooth = g.conv(narrow, constant('image_encoder.neck.2.weight'), undefined, { pads: 1 })
  g.output('embedding', layerNorm2d(g, constant, smooth, 'image_encoder.neck.3'))
  return g.build()
}

/** Square groups of tokens that see each other. */
interface Grouping {
  readonly windows: number
  readonly heads: number
  /** Tokens along a side. */
  readonly size: number
  /** For each token a one at its row and one at its column: `[windows, heads, size * size, 2 * size]`. */
  readonly places: Value
}

function groupTokens(g: GraphBuilder, windows: number, heads: number, size: number): Grouping {
  const count = size * size
  const ones = new Float32Array(count * 2 * size)
  for (let i = 0; i < count; i++) {
    ones[i * 2 * size + Math.floor(i / size)] = 1
    ones[i * 2 * size + size + (i % size)] = 1
  }
  const places = g.expand(g.constant(ones, [count, 2 * size]), [windows, heads, count, 2 * size])
  return { windows, heads, size, places }
}

/** Cuts the tokens into windows, with zeros behind the last rows and columns, which take part in the attention. */
function attendInWindows(
  g: GraphBuilder,
  constant: Constant,
  tokens: Value,
  name: string,
  side: number,
  windows: Grouping,
): Value {
  const width = Number(tokens.shape[1])
  const { size } = windows
  const across = Math.sqrt(windows.windows)
  const padded = across * size
  const missing: readonly [number, number] = [0, padded - side]
  const grid = g.pad(g.reshape(tokens, [side, side, width]), { pads: [missing, missing, [0, 0]] })
  const cut = g.transpose(g.reshape(grid, [across, size, across, size, width]), [0, 2, 1, 3, 4])
  const attended = attend(g, constant, g.reshape(cut, [padded * padded, width]), name, windows)
  const joined = g.transpose(g.reshape(attended, [across, across, size, size, width]), [0, 2, 1, 3, 4])
  const whole = g.reshape(joined, [padded, padded, width])
  return g.reshape(g.slice(whole, { axes: [0, 1], starts: [0, 0], ends: [side, side] }), [side * side, width])
}

/** Attention with decomposed relative positions; `tokens` is `[windows * size * size, width]`. */
function attend(g: GraphBuilder, constant: Constant, tokens: Value, name: string, grouping: Grouping): Value {
  const { windows, heads, size, places } = grouping
  const width = Number(tokens.shape[1])
  const channels = width / heads
  const count = size * size
  const qkv = g.reshape(linear(g, constant, tokens, `${name}.qkv`), [windows, count, 3, heads, channels])
  const [q, k, v] = g
    .split(g.transpose(qkv, [2, 0, 3, 1, 4]), [1, 1, 1], { axis: 0 })
    .map((part) => g.squeeze(part, [0])) as [Value, Value, Value] // three, as asked for
  const relative = relativeScores(g, constant, q, name, grouping)
  const query = g.concat([g.mul(q, channels ** -0.5), relative], { axis: -1 })
  // The places in a key pick the two relative scores from a query: one product gives their sum with the scores.
  const key = g.transpose(g.concat([k, places], { axis: -1 }), [0, 1, 3, 2])
  const look = ([q, k, v]: readonly [Value, Value, Value]): Value =>
    g.matmul(g.softmax(g.matmul(q, k), { axis: -1 }), v)
  const split = (x: Value): Value[] => g.split(x, Array<number>(heads).fill(1), { axis: 1 })
  let attended: Value
  if (windows > 1) attended = look([query, key, v])
  else {
    const [keys, values] = [split(key), split(v)]
    attended = g.concat(
      split(query).map((q, i) => look([q, keys[i]!, values[i]!])),
      { axis: 1 },
    )
  }
  const joined = g.reshape(g.transpose(attended, [0, 2, 1, 3]), [windows * count, width])
  return linear(g, constant, joined, `${name}.proj`)
}

/**
 * What each query gives to the rows and to the columns of its group, `[windows, heads, size * size, 2 * size]`,
 * from the query before scaling.
 */
function relativeScores(
  g: GraphBuilder,
  constant: Constant,
  q: Value,
  name: string,
  { windows, heads, size }: Grouping,
): Value {
  const channels = Number(q.shape[3])
  const offsets = Array.from({ length: size * size }, (_, i) => Math.floor(i / size) - (i % size) + size - 1)
  const index = g.constant(offsets, [size, size], 'int64')
  // [place of the query, channels, place of the key]
  const table = (axis: 'h' | 'w'): Value =>
    g.transpose(g.gather(constant(`${name}.rel_pos_${axis}`), index, { axis: 0 }), [0, 2, 1])
  const byRow = g.reshape(q, [windows, heads, size, size, channels])
  const rows = g.matmul(byRow, table('h'))
  const columns = g.matmul(g.transpose(byRow, [0, 1, 3, 2, 4]), table('w'))
  const scores = g.concat([rows, g.transpose(columns, [0, 1, 3, 2, 4])], { axis: -1 })
  return g.reshape(scores, [windows, heads, size * size, 2 * size])
}

function linear(g: GraphBuilder, constant: Constant, x: Value, name: string): Value {
  return g.gemm(x, constant(`${name}.weight`), constant(`${name}.bias`), { transB: true })
}
