/** DINOv2 as graph nodes: standard operators only, and matrices where a batch need not be told apart. */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

import { constantsOf } from '../constant.ts'
import { countBlocks, type DinoV2Plan } from './plan.ts'
import { resizePositions } from './positions.ts'

const eps = 1e-6

/**
 * Appends the network to `g` and gives one value per tap, `[N, width, H / patch, W / patch]`: the tokens of the
 * patches, without class and register tokens. `x` is `[N, 3, H, W]` float32, normalised; H and W are multiples of
 * the patch and may be named sizes. `weights` are prepared, for these taps or more; nothing is built behind the
 * last block that is asked for.
 */
export function buildDinoV2(
  g: GraphBuilder,
  x: Value,
  plan: DinoV2Plan,
  weights: ReadonlyMap<string, Tensor>,
  taps: readonly string[],
): Record<string, Value> {
  const { width, heads, registers, patch } = plan
  const weight = constantsOf(g, weights)
  const layerNorm = (y: Value, name: string): Value =>
    g.layerNorm(y, weight(`${name}.weight`), weight(`${name}.bias`), { eps })
  const linear = (y: Value, name: string): Value =>
    g.gemm(y, weight(`${name}.weight`), weight(`${name}.bias`), { transB: true })

  const patches = g.conv(x, weight('patch_embed.proj.weight'), weight('patch_embed.proj.bias'), {
    strides: patch,
  })
  const [images, , rows, columns] = patches.shape
  const places = resizePositions(g, weight('positions'), patches, plan.positions)
  const seen = g.add(g.transpose(patches, [0, 2, 3, 1]), places)
  const prefix = g.expand(weight('prefix'), [images!, 1 + registers, width])
  const sequence = g.concat([prefix, g.reshape(seen, [images!, -1, width])], { axis: 1 })
  const tokens = sequence.shape[1]!

  /** `[N * tokens, width]` to the same; the queries come scaled. */
  const attend = (y: Value, name: string): Value => {
    const split = g.reshape(linear(y, `${name}.qkv`), [images!, tokens, 3, heads, width / heads])
    const parts = g.split(g.transpose(split, [2, 0, 3, 1, 4]), [1, 1, 1], { axis: 0 })
    const [q, k, v] = parts.map((part) => g.squeeze(part, [0])) as [Value, Value, Value] // three, as asked for
    const shares = g.softmax(g.matmul(q, g.transpose(k, [0, 1, 3, 2])), { axis: -1 })
    const found = g.transpose(g.matmul(shares, v), [0, 2, 1, 3])
    return linear(g.reshape(found, [-1, width]), `${name}.proj`)
  }
  const toMap = (y: Value): Value => {
    const own = g.slice(g.reshape(y, [images!, tokens, width]), {
      axes: [1],
      starts: [1 + registers],
      ends: [Infinity],
    })
    return g.reshape(g.transpose(own, [0, 2, 1]), [images!, width, rows!, columns!])
  }

  const found: Record<string, Value> = {}
  let y = g.reshape(sequence, [-1, width])
  for (let i = 0; i < countBlocks(plan, taps); i++) {
    const block = `blocks.${i}`
    y = g.add(y, attend(layerNorm(y, `${block}.norm1`), `${block}.attn`))
    const hidden = g.gelu(linear(layerNorm(y, `${block}.norm2`), `${block}.mlp.fc1`))
    y = g.add(y, linear(hidden, `${block}.mlp.fc2`))
    if (taps.includes(`block${i}`)) found[`block${i}`] = toMap(y)
  }
  if (taps.includes('norm')) found['norm'] = toMap(layerNorm(y, 'norm'))
  return found
}
