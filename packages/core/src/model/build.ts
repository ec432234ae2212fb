/**
 * The finished model as one graph: uint8 pictures in; map, score and, for several products, product out.
 *
 * Everything is inside: normalisation, backbone, features, the method's scores, upsampling, smoothing and
 * calibration, so that any ONNX runtime gives Assay's numbers.
 */
import type { Recipe } from '@assay/contract'
import { createGraph, type Graph, type GraphBuilder, type Value } from '@assay/graph'
import type { Calibration } from '../calibrate/threshold.ts'
import { normaliseImage } from '../backbone/index.ts'
import { addPatchFeatures, toRows, type FeaturePlan } from '../feature/index.ts'
import type { Fitted, MethodDefinition } from '../method/method.ts'
import { addRouter, type Router } from './router.ts'

export interface ModelParts {
  readonly plan: FeaturePlan
  readonly method: MethodDefinition
  readonly fitted: Fitted
  readonly recipe: Recipe
  readonly products: number
  /** Null for one product, and for methods that recognise the product themselves. */
  readonly router: Router | null
  /** Image-level calibration per product. */
  readonly calibrations: readonly Calibration[]
  /** The product when it is known beforehand; otherwise every picture is recognised. */
  readonly fixedProduct?: number
  /** Adds an input `penalty`, float32 `[size of the memory]`, that leaves entries out; for calibration only. */
  readonly hasPenalty?: boolean
}

/** Name of the int64 constant that fixes the product when it is not negative. */
export const fixedProductName = 'product.fixed'

export function buildModel(parts: ModelParts): Graph {
  const { plan, method, fitted, recipe, calibrations } = parts
  const g = createGraph('assay')
  const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  const planes = normaliseImage(g, image, plan.backbone.card.input)
  const features = addPatchFeatures(g, planes, plan)
  const rows = toRows(g, features)
  const product = addProduct(g, parts, planes, rows)
  const memorySize = fitted.owners?.shape[1]
  const penalty =
    parts.hasPenalty === true && memorySize !== undefined
      ? g.unsqueeze(g.input('penalty', 'float32', [memorySize]), [0])
      : null
  const patches = method.addScores(g, { rows, product, fitted, recipe, penalty })
  const score = addImageScore(g, patches.image, recipe.score.topShare)
  g.output('map', addMap(g, patches.map, features, planes, recipe.score.sigma))
  g.output('score', score)
  g.output('calibrated', addCalibration(g, score, product, calibrations))
  if (product !== null) g.output('product', product)
  return g.build()
}

function addProduct(g: GraphBuilder, parts: ModelParts, planes: Value, rows: Value): Value | null {
  const { products, method, fitted, recipe, router, plan } = parts
  if (products === 1) return null
  const found =
    router === null ? method.addRoute?.(g, { rows, fitted, recipe }) : addRouter(g, planes, plan, router)
  if (found === undefined) throw new Error(`internal: ${method.id} cannot recognise products by itself`)
  const fixed = g.constant(
    { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(parts.fixedProduct ?? -1)) },
    fixedProductName,
  )
  return g.where(g.less(fixed, g.constant([0], [1], 'int64')), found, fixed)
}

/** Mean of the strangest share of the patches, at least one: `[n, patches]` to `[n]`. */
function addImageScore(g: GraphBuilder, patches: Value, topShare: number): Value {
  if (topShare === 0) return g.max(patches, { axes: [1] })
  const count = g.cast(g.gather(g.shapeOf(patches), g.constant([1], [1], 'int64'), { axis: 0 }), 'float32')
  const top = g.cast(g.maximum(g.floor(g.mul(count, topShare)), 1), 'int64')
  return g.mean(g.topK(patches, top, { axis: 1 }).values, { axes: [1] })
}

/** Patch scores `[n, patches]` on the grid, upsampled to the input's size and smoothed: `[n, h, w]`. */
function addMap(g: GraphBuilder, patches: Value, features: Value, planes: Value, sigma: number): Value {
  const [, , gridHeight, gridWidth] = features.shape
  if (gridHeight === undefined || gridWidth === undefined)
    throw new Error('internal: features without a grid')
  const small = g.reshape(patches, [0, 1, gridHeight, gridWidth])
  const full = g.resize(small, { like: planes, mode: 'linear', coordinates: 'half-pixel' })
  return g.squeeze(sigma === 0 ? full : addGaussian(g, full, sigma), [1])
}

/**
 * scipy's gaussian_filter on `[n, 1, h, w]`: radius 4 sigma, separable, the border mirrored with its edge
 * pixel. ONNX has no such padding, so the mirrored strips are sliced and joined.
 */
function addGaussian(g: GraphBuilder, x: Value, sigma: number): Value {
  const radius = Math.floor(4 * sigma + 0.5)
  const weights = Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  )
  const sum = weights.reduce((a, b) => a + b, 0)
  const kernel = weights.map((w) => w / sum)
  let smooth = x
  for (const axis of [2, 3]) {
    const mirrored = (starts: number, ends: number): Value => {
      const strip = g.slice(smooth, { axes: [axis], starts: [starts], ends: [ends] })
      return g.slice(strip, { axes: [axis], starts: [-1], ends: [-Infinity], steps: [-1] })
    }
    const padded = g.concat([mirrored(0, radius), smooth, mirrored(-radius, Infinity)], { axis })
    const shape = axis === 2 ? [1, 1, kernel.length, 1] : [1, 1, 1, kernel.length]
    smooth = g.conv(padded, g.constant(kernel, shape, 'float32'))
  }
  return smooth
}

function addCalibration(
  g: GraphBuilder,
  score: Value,
  product: Value | null,
  calibrations: readonly Calibration[],
): Value {
  const pick = (name: string, values: readonly number[]): Value => {
    const all = g.constant(
      { dtype: 'float32', shape: [values.length], data: Float32Array.from(values) },
      name,
    )
    return product === null ? all : g.gather(all, product, { axis: 0 })
  }
  const threshold = pick(
    'calibration.threshold',
    calibrations.map((c) => c.threshold),
  )
  const scale = pick(
    'calibration.scale',
    calibrations.map((c) => c.scale),
  )
  return g.sigmoid(g.div(g.sub(score, threshold), scale))
}
