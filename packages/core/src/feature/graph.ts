/**
 * From a batch of pictures to patch features, as graph nodes: normalise, backbone, gather, stack.
 *
 * `mean` pooling averages each neighbourhood, takes the signed square root if asked, brings the taps to
 * the grid of the first one and stacks them; a random orthonormal projection may narrow the result. `adaptive` pooling is the published form
 * (methods.md, CRAS 2): every C x 9 neighbourhood is pooled to a fixed width per tap, the taps are
 * stacked and pooled again. Pooling is linear, so all of it is one convolution per tap with fixed
 * weights, and it commutes with the bilinear resizing. `tokens` brings all taps to one width and one grid and
 * averages them in groups, which are stacked: what INP-Former reconstructs.
 */
import type { Recipe } from '@assay/contract'
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import type { Backbone } from '../backbone/index.ts'
import { addScaled, scaledSide } from './view.ts'

export interface FeaturePlan {
  readonly features: Recipe['features']
  /** Scales of the input's sides at which features are taken, 1 first. */
  readonly scales: readonly number[]
  readonly multipleOf: number
  readonly backbone: Backbone
  /** `[stacked, dimension]`, or null when the stacked taps are used as they are. */
  readonly projection: Tensor | null
  /** `tokens`: from the channels of a tap to the width of a group, `[channels, width]`, by number of channels. */
  readonly rotations: ReadonlyMap<number, Tensor>
  /** One factor per tap: what gives all taps the same total variance, times the recipe's weight; or null. */
  readonly tapScales: readonly number[] | null
}

/** Grid of patches that a model input of `height` x `width` gives at a scale: the first tap's stride, rounded up. */
export function gridSize(
  plan: FeaturePlan,
  height: number,
  width: number,
  scale: number,
): { height: number; width: number } {
  const stride = tapOf(plan.backbone, plan.features.taps[0] ?? '').stride
  const cells = (side: number): number => Math.ceil(scaledSide(side, scale, plan.multipleOf) / stride)
  return { height: cells(height), width: cells(width) }
}

/** Patch features of normalised planes at every scale of the plan, each `[n, d, gridHeight, gridWidth]`. */
export function addScaledFeatures(g: GraphBuilder, planes: Value, plan: FeaturePlan): Value[] {
  return plan.scales.map((scale) => addPatchFeatures(g, addScaled(g, planes, scale, plan.multipleOf), plan))
}

/** Width of one patch feature. */
export function featureDimension(plan: FeaturePlan): number {
  if (plan.features.pooling === 'adaptive') return plan.features.dimension
  if (plan.features.pooling === 'tokens') return plan.features.groups * groupWidth(plan)
  return plan.projection?.shape[1] ?? stackedWidth(plan)
}

/** Channels of all taps together. */
export function stackedWidth(plan: Pick<FeaturePlan, 'backbone' | 'features'>): number {
  return plan.features.taps.reduce((sum, tap) => sum + tapOf(plan.backbone, tap).channels, 0)
}

/** `tokens`: width of one group. */
export function groupWidth({ backbone, features }: Pick<FeaturePlan, 'backbone' | 'features'>): number {
  return features.dimension === 0 ? tapOf(backbone, features.taps[0] ?? '').channels : features.dimension
}

/** Patch features `[n, d, gridHeight, gridWidth]` of normalised planes `[n, 3, h, w]`. */
export function addPatchFeatures(g: GraphBuilder, planes: Value, plan: FeaturePlan): Value {
  const { features, backbone, projection, tapScales } = plan
  const taps = backbone.build(g, planes, features.taps)
  const pooled = features.taps.map((name, i) => {
    const tap = taps[name]
    if (tap === undefined) throw new Error(`internal: backbone gave no tap ${name}`)
    if (features.pooling === 'adaptive') return addAdaptivePooling(g, tap, plan, i)
    const gathered = addPatchTap(g, tap, features)
    return tapScales === null ? gathered : g.mul(gathered, tapScales[i] ?? 1)
  })
  if (features.pooling === 'tokens') return addTokenMaps(g, pooled, plan)
  const [first, ...others] = pooled
  if (first === undefined) throw new Error('internal: no taps')
  const aligned = others.map((tap) =>
    g.resize(tap, { like: first, mode: 'linear', coordinates: 'half-pixel' }),
  )
  const stacked = aligned.length === 0 ? first : g.concat([first, ...aligned], { axis: 1 })
  if (projection === null) return stacked
  // Transposed in the graph, so that several scales share one constant.
  const kernel = g.transpose(g.constant(projection, 'projection'), [1, 0])
  return g.conv(stacked, g.unsqueeze(kernel, [2, 3]))
}

/** The groups of token maps, stacked, on the grid of the first tap. */
function addTokenMaps(g: GraphBuilder, taps: readonly Value[], plan: FeaturePlan): Value {
  const { features, backbone, rotations } = plan
  const [first] = taps
  if (first === undefined) throw new Error('internal: no taps')
  const { stride } = tapOf(backbone, features.taps[0] ?? '')
  const kernels = new Map(
    Array.from(rotations, ([channels, matrix]) => [
      channels,
      g.unsqueeze(g.transpose(g.constant(matrix, `rotation${channels}`), [1, 0]), [2, 3]),
    ]),
  )
  const maps = taps.map((tap, i) => {
    const own = tapOf(backbone, features.taps[i] ?? '')
    const kernel = kernels.get(own.channels)
    const wide = kernel === undefined ? tap : g.conv(tap, kernel)
    // Strides are powers of two of each other, and sides multiples of the coarsest.
    if (own.stride < stride) return g.averagePool(wide, { kernel: stride / own.stride })
    if (own.stride === stride) return wide
    return g.resize(wide, { like: first, mode: 'linear', coordinates: 'half-pixel' })
  })
  const each = maps.length / features.groups
  const groups = Array.from({ length: features.groups }, (_, i) => {
    const sum = maps.slice(i * each, (i + 1) * each).reduce((total, map) => g.add(total, map))
    return g.mul(sum, 1 / each)
  })
  return g.concat(groups, { axis: 1 })
}

/** `[n, d, gh, gw]` as rows `[n, gh * gw, d]`. */
export function toRows(g: GraphBuilder, features: Value): Value {
  return g.transpose(g.reshape(features, [0, 0, -1]), [0, 2, 1])
}

/** One tap at its own stride, gathered and transformed; what the tap scales are measured on. */
export function addPatchTap(g: GraphBuilder, tap: Value, features: Recipe['features']): Value {
  const mean = addNeighbourhoodMean(g, tap, features.neighbourhood)
  switch (features.transform) {
    case 'none':
      return mean
    case 'signed-sqrt':
      // sign(x) sqrt|x| without Sign, which onnxruntime computes slowly; 0 stays 0.
      return g.div(mean, g.sqrt(g.maximum(g.abs(mean), 1e-12)))
    default:
      return features.transform satisfies never
  }
}

/** Mean over the neighbourhood; at the border over what lies inside. */
function addNeighbourhoodMean(g: GraphBuilder, x: Value, side: number): Value {
  if (side === 1) return x
  const pad = (side - 1) / 2
  return g.averagePool(x, {
    kernel: [side, side],
    strides: [1, 1],
    pads: [pad, pad, pad, pad],
    countIncludePad: false,
  })
}

function addAdaptivePooling(g: GraphBuilder, tap: Value, plan: FeaturePlan, index: number): Value {
  const { neighbourhood: side, taps, dimension } = plan.features
  const channels = tapOf(plan.backbone, taps[index] ?? '').channels
  const kernel = adaptivePoolingKernel({ channels, side, dimension, taps: taps.length, index })
  const pad = (side - 1) / 2
  return g.conv(tap, g.constant(kernel), undefined, { pads: [pad, pad, pad, pad] })
}

/**
 * The convolution `[rows, channels, side, side]` that yields one tap's share of the pooled feature.
 *
 * Twice adaptive average pooling (bin i of n to m covers floor(i n / m) to ceil((i + 1) n / m)): the
 * channel-major neighbourhood to `dimension`, then the stacked taps to `dimension`. Requires that
 * `taps` divides `dimension`, so that no bin of the second pooling straddles two taps.
 */
export function adaptivePoolingKernel(options: {
  readonly channels: number
  readonly side: number
  readonly dimension: number
  readonly taps: number
  readonly index: number
}): Tensor {
  const { channels, side, dimension, taps } = options
  if (dimension % taps !== 0) throw new Error(`internal: ${taps} taps do not divide ${dimension}`)
  const values = channels * side * side
  const rows = dimension / taps
  const data = new Float32Array(rows * values)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < taps; k++) {
      const bin = row * taps + k
      const start = Math.floor((bin * values) / dimension)
      const end = Math.ceil(((bin + 1) * values) / dimension)
      for (let v = start; v < end; v++) data[row * values + v]! += 1 / (taps * (end - start))
    }
  }
  return { dtype: 'float32', shape: [rows, channels, side, side], data }
}

function tapOf(backbone: Backbone, name: string): { channels: number; stride: number } {
  const tap = backbone.card.taps.find((t) => t.name === name)
  if (tap === undefined) throw new Error(`internal: backbone ${backbone.card.id} has no tap ${name}`)
  return tap
}
