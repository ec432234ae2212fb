/**
 * Prompt encoder and mask decoder in one graph: clicks and corners of boxes in, masks and their predicted IoU out.
 *
 * A box is two points with labels of their own, as in the reference's ONNX export. A mask as prompt is left out.
 */
import { createGraph, type Graph, type GraphBuilder, type Value } from '@assay/graph'

import { constantsOf, layerNorm, layerNorm2d, type Constant } from './layer.ts'
import { lowResolution, maskCount, tokensPerSide, type SamPlan } from './plan.ts'
import type { SamWeights } from './weights.ts'

/** What a point of a prompt is. */
export const pointLabel = { padding: -1, background: 0, foreground: 1, topLeft: 2, bottomRight: 3 } as const

/** PyTorch's default, which the transformer of the decoder was trained with. */
const eps = 1e-5

/**
 * Inputs: `embedding` of the encoder; `points` `[n, k, 2]` float32, x and y in pixels of the encoder's square;
 * `labels` `[n, k]` int64. Outputs: `masks` `[n, 4, h, w]`, logits at 4 x 4 pixels per token, and `iou` `[n, 4]`.
 */
export function buildMaskDecoder(plan: SamPlan, weights: SamWeights): Graph {
  const { channels, decoder } = plan
  const side = tokensPerSide(plan)
  const g = createGraph(`${plan.id} mask decoder`)
  const constant = constantsOf(g, weights)

  const embedding = g.input('embedding', 'float32', [1, channels, side, side])
  const points = g.input('points', 'float32', ['n', 'k', 2])
  const labels = g.input('labels', 'int64', ['n', 'k'])

  const output = g.concat(
    [constant('mask_decoder.iou_token.weight'), constant('mask_decoder.mask_tokens.weight')],
    { axis: 0 },
  )
  const prompt = embedPoints(g, constant, points, labels, plan.imageSize)
  const tokens = g.concat([g.expand(g.unsqueeze(output, [0]), ['n', maskCount + 1, channels]), prompt], {
    axis: 1,
  })
  const flat = g.transpose(g.reshape(embedding, [1, channels, side * side]), [0, 2, 1])
  const image = {
    // One prompt or many: the image side gets the prompts' axis in its first sum with them.
    keys: g.add(flat, constant('prompt_encoder.no_mask_embed.weight')),
    positions: g.unsqueeze(encodePlaces(g, constant, gridOf(g, side)), [0]),
  }
  const { queries, keys } = transform(g, constant, tokens, image, decoder)

  const upscaled = upscale(g, constant, g.reshape(g.transpose(keys, [0, 2, 1]), [0, channels, side, side]))
  const size = lowResolution(plan)
  const kernels = g.concat(
    Array.from({ length: maskCount }, (_, i) =>
      g.unsqueeze(
        perceptron(g, constant, tokenAt(g, queries, 1 + i), `mask_decoder.output_hypernetworks_mlps.${i}`),
        [1],
      ),
    ),
    { axis: 1 },
  )
  const masks = g.matmul(kernels, g.reshape(upscaled, [0, channels / 8, size * size]))
  g.output('masks', g.reshape(masks, [0, maskCount, size, size]))
  g.output('iou', perceptron(g, constant, tokenAt(g, queries, 0), 'mask_decoder.iou_prediction_head'))
  return g.build()
}

/** `[n, k, channels]`: where a point is and what it is. */
function embedPoints(
  g: GraphBuilder,
  constant: Constant,
  points: Value,
  labels: Value,
  imageSize: number,
): Value {
  const place = encodePlaces(g, constant, g.div(g.add(points, 0.5), imageSize))
  const isPoint = g.unsqueeze(g.greater(labels, pointLabel.padding), [-1])
  const kinds = ['not_a_point_embed', ...[0, 1, 2, 3].map((i) => `point_embeddings.${i}`)]
  const table = g.concat(
    kinds.map((kind) => constant(`prompt_encoder.${kind}.weight`)),
    { axis: 0 },
  )
  return g.add(g.where(isPoint, place, 0), g.gather(table, g.sub(labels, pointLabel.padding), { axis: 0 }))
}

/** Random Fourier features (Tancik et al., 2020) of x and y in 0..1. */
function encodePlaces(g: GraphBuilder, constant: Constant, places: Value): Value {
  const frequencies = constant('prompt_encoder.pe_layer.positional_encoding_gaussian_matrix')
  const angles = g.mul(g.matmul(g.sub(g.mul(places, 2), 1), frequencies), 2 * Math.PI)
  return g.concat([g.sin(angles), g.cos(angles)], { axis: -1 })
}

/** Centres of the tokens, `[tokens, 2]`, as x and y in 0..1. */
function gridOf(g: GraphBuilder, side: number): Value {
  const places = Array.from({ length: side * side }, (_, i) => [
    ((i % side) + 0.5) / side,
    (Math.floor(i / side) + 0.5) / side,
  ])
  return g.constant(places.flat(), [side * side, 2])
}

interface ImageSide {
  /** `[1 or n, tokens, channels]` */
  readonly keys: Value
  /** `[1, tokens, channels]` */
  readonly positions: Value
}

/** The two-way transformer: prompts look at the image and the image looks back. */
function transform(
  g: GraphBuilder,
  constant: Constant,
  tokens: Value,
  image: ImageSide,
  { depth, heads }: SamPlan['decoder'],
): { readonly queries: Value; readonly keys: Value } {
  const name = 'mask_decoder.transformer'
  const look = (part: string, q: Value, k: Value, v: Value): Value =>
    attend(g, constant, { q, k, v }, `${name}.${part}`, heads)
  const norm = (x: Value, part: string): Value => layerNorm(g, constant, x, `${name}.${part}`, eps)
  let queries = tokens
  let { keys } = image
  for (let i = 0; i < depth; i++) {
    const layer = `layers.${i}`
    if (i === 0) {
      // The first layer replaces the tokens by what they see: they are their own positions here.
      queries = look(`${layer}.self_attn`, queries, queries, queries)
    } else {
      const q = g.add(queries, tokens)
      queries = g.add(queries, look(`${layer}.self_attn`, q, q, queries))
    }
    queries = norm(queries, `${layer}.norm1`)
    const keysAt = g.add(keys, image.positions)
    const seen = look(`${layer}.cross_attn_token_to_image`, g.add(queries, tokens), keysAt, keys)
    queries = norm(g.add(queries, seen), `${layer}.norm2`)
    const hidden = g.relu(linear(g, constant, queries, `${name}.${layer}.mlp.lin1`))
    queries = norm(g.add(queries, linear(g, constant, hidden, `${name}.${layer}.mlp.lin2`)), `${layer}.norm3`)
    const back = look(`${layer}.cross_attn_image_to_token`, keysAt, g.add(queries, tokens), queries)
    keys = norm(g.add(keys, back), `${layer}.norm4`)
  }
  const last = look('final_attn_token_to_image', g.add(queries, tokens), g.add(keys, image.positions), keys)
  return { queries: norm(g.add(queries, last), 'norm_final_attn'), keys }
}

function attend(
  g: GraphBuilder,
  constant: Constant,
  { q, k, v }: { readonly q: Value; readonly k: Value; readonly v: Value },
  name: string,
  heads: number,
): Value {
  const inHeads = (x: Value, part: string): Value => {
    const projected = linear(g, constant, x, `${name}.${part}`)
    const width = Number(projected.shape[2])
    return g.transpose(g.reshape(projected, [0, 0, heads, width / heads]), [0, 2, 1, 3])
  }
  const query = inHeads(q, 'q_proj')
  const key = g.transpose(inHeads(k, 'k_proj'), [0, 1, 3, 2])
  const channels = Number(query.shape[3])
  const weights = g.softmax(g.div(g.matmul(query, key), Math.sqrt(channels)), { axis: -1 })
  const seen = g.transpose(g.matmul(weights, inHeads(v, 'v_proj')), [0, 2, 1, 3])
  return linear(g, constant, g.reshape(seen, [0, 0, heads * channels]), `${name}.out_proj`)
}

/** `[n, channels, s, s]` to `[n, channels / 8, 4 s, 4 s]`. */
function upscale(g: GraphBuilder, constant: Constant, x: Value): Value {
  const double = (input: Value, name: string): Value =>
    g.convTranspose(input, constant(`${name}.weight`), constant(`${name}.bias`), { strides: 2 })
  const name = 'mask_decoder.output_upscaling'
  const half = g.gelu(layerNorm2d(g, constant, double(x, `${name}.0`), `${name}.1`))
  return g.gelu(double(half, `${name}.3`))
}

function perceptron(g: GraphBuilder, constant: Constant, x: Value, name: string): Value {
  const first = g.relu(linear(g, constant, x, `${name}.layers.0`))
  const second = g.relu(linear(g, constant, first, `${name}.layers.1`))
  return linear(g, constant, second, `${name}.layers.2`)
}

/** One token of each prompt, `[n, channels]`. */
function tokenAt(g: GraphBuilder, tokens: Value, place: number): Value {
  return g.squeeze(g.slice(tokens, { axes: [1], starts: [place], ends: [place + 1] }), [1])
}

/** On the last axis of any rank. */
function linear(g: GraphBuilder, constant: Constant, x: Value, name: string): Value {
  const weight = g.transpose(constant(`${name}.weight`), [1, 0])
  return g.add(g.matmul(x, weight), constant(`${name}.bias`))
}
