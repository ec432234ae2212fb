/**
 * The finished model as one graph: uint8 pictures in; map, score and, for several products, product out.
 *
 * Everything is inside: normalisation, backbone, features, the method's scores, upsampling, smoothing and
 * calibration, so that any ONNX runtime gives Assay's numbers.
 */
import type { Recipe } from '@assay/contract'
import { createGraph, type Graph, type GraphBuilder, type Value } from '@assay/graph'
import type { Calibration } from '../calibrate/index.ts'
import { normaliseImage } from '../backbone/index.ts'
import { addScaledFeatures, toRows, type FeaturePlan } from '../feature/index.ts'
import { addGaussian, addUpsampled } from '../method/map.ts'
import type { Fitted, MethodDefinition, PatchScores } from '../method/method.ts'
import { addRouter, type Router } from './router.ts'

export interface ModelParts {
  readonly plan: FeaturePlan
  readonly method: MethodDefinition
  /** One per scale of the plan. */
  readonly fitted: readonly Fitted[]
  readonly recipe: Recipe
  readonly products: number
  /** Null for one product, and for methods that recognise the product themselves. */
  readonly router: Router | null
  /** Image-level calibration per product. */
  readonly calibrations: readonly Calibration[]
  /** The product when it is known beforehand; otherwise every picture is recognised. */
  readonly fixedProduct?: number
  /** Adds inputs `penalty0`, ..., float32 `[size of the memory]`, that leave entries out; for calibration only. */
  readonly hasPenalty?: boolean
}

/** Name of the int64 constant that fixes the product when it is not negative. */
export const fixedProductName = 'product.fixed'

/** Names of the float32 constants `[products]` that make `calibrated` of the score. */
export const thresholdName = 'calibration.threshold'
export const scaleName = 'calibration.scale'

export function buildModel(parts: ModelParts): Graph {
  const { plan, calibrations } = parts
  const g = createGraph('assay')
  const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  const planes = normaliseImage(g, image, plan.backbone.card.input)
  const features = addScaledFeatures(g, planes, plan)
  const rows = features.map((f) => toRows(g, f))
  const product = addProduct(g, parts, planes, rows)
  const { map, score } = addJudgement(g, parts, { planes, features, rows, product })
  g.output('map', map)
  g.output('score', score)
  g.output('calibrated', addCalibration(g, score, product, calibrations))
  if (product !== null) g.output('product', product)
  return g.build()
}

/** What a method judges by; lists are by scale. */
export interface JudgementInput {
  /** Normalised planes of the picture `[n, 3, h, w]`. */
  readonly planes: Value
  /** `[n, d, gridHeight, gridWidth]` */
  readonly features: readonly Value[]
  /** `[n, patches, d]` */
  readonly rows: readonly Value[]
  /** int64 `[n]`; null for one product. */
  readonly product: Value | null
}

/** Map `[n, h, w]` and image score `[n]` of a fitted method; `scope` is put before the names of its constants. */
export function addJudgement(
  g: GraphBuilder,
  parts: Pick<ModelParts, 'method' | 'fitted' | 'recipe' | 'hasPenalty'>,
  input: JudgementInput,
  scope = '',
): { readonly map: Value; readonly score: Value } {
  const { method, recipe } = parts
  const { planes } = input
  const scores = addScores(g, parts, input, scope)
  const published = recipe.mode === 'paper' ? method.addPaperMap?.(g, scores.map, planes) : undefined
  const score = addImageScore(g, g.reshape(published ?? scores.image, [0, -1]), recipe.score.topShare)
  const sigma = published === undefined ? recipe.score.sigma : 0
  const map = g.squeeze(addGaussian(g, addUpsampled(g, published ?? scores.map, planes), sigma), [1])
  return { map, score }
}

function addProduct(g: GraphBuilder, parts: ModelParts, planes: Value, rows: readonly Value[]): Value | null {
  const { products, method, fitted, recipe, router, plan } = parts
  if (products === 1) return null
  const [first] = fitted
  const [own] = rows
  if (first === undefined || own === undefined) throw new Error('internal: a model without scales')
  const found =
    router === null
      ? method.addRoute?.(g, { scope: '', rows: own, fitted: first, recipe })
      : addRouter(g, planes, plan, router)
  if (found === undefined) throw new Error(`internal: ${method.id} cannot recognise products by itself`)
  const fixed = g.constant(
    { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(parts.fixedProduct ?? -1)) },
    fixedProductName,
  )
  return g.where(g.less(fixed, g.constant([0], [1], 'int64')), found, fixed)
}

/** Scores on the finest grid, `[n, 1, gridHeight, gridWidth]`: the mean over the scales. */
function addScores(
  g: GraphBuilder,
  parts: Pick<ModelParts, 'method' | 'fitted' | 'recipe' | 'hasPenalty'>,
  { features, rows, product }: JudgementInput,
  outer: string,
): PatchScores {
  const { method, fitted, recipe } = parts
  const scales = features.map((grid, i): PatchScores => {
    const fit = fitted[i]
    const own = rows[i]
    const [, , height, width] = grid.shape
    if (fit === undefined || own === undefined || height === undefined || width === undefined)
      throw new Error(`internal: scale ${i} is not fitted`)
    const size = fit.owners?.shape[1]
    const penalty =
      parts.hasPenalty === true && size !== undefined
        ? g.unsqueeze(g.input(`penalty${i}`, 'float32', [size]), [0])
        : null
    const scope = i === 0 ? outer : `${outer}scale${i}.`
    const { image, map } = method.addScores(g, {
      scope,
      rows: own,
      grid,
      product,
      fitted: fit,
      recipe,
      penalty,
    })
    return { image: g.reshape(image, [0, 1, height, width]), map: g.reshape(map, [0, 1, height, width]) }
  })
  return {
    image: addMean(
      g,
      scales.map((s) => s.image),
    ),
    map: addMean(
      g,
      scales.map((s) => s.map),
    ),
  }
}

/** The mean of grids of several sizes, resized to the first one's. */
function addMean(g: GraphBuilder, grids: readonly Value[]): Value {
  const [first, ...others] = grids
  if (first === undefined) throw new Error('internal: a model without scales')
  const sum = others.reduce(
    (total, grid) => g.add(total, g.resize(grid, { like: first, mode: 'linear', coordinates: 'half-pixel' })),
    first,
  )
  return others.length === 0 ? sum : g.mul(sum, 1 / grids.length)
}

/** Mean of the strangest share of the patches, at least one: `[n, patches]` to `[n]`. */
function addImageScore(g: GraphBuilder, patches: Value, topShare: number): Value {
  if (topShare === 0) return g.max(patches, { axes: [1] })
  const count = g.cast(g.gather(g.shapeOf(patches), g.constant([1], [1], 'int64'), { axis: 0 }), 'float32')
  const top = g.cast(g.maximum(g.floor(g.mul(count, topShare)), 1), 'int64')
  return g.mean(g.topK(patches, top, { axis: 1 }).values, { axes: [1] })
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
    thresholdName,
    calibrations.map((c) => c.threshold),
  )
  const scale = pick(
    scaleName,
    calibrations.map((c) => c.scale),
  )
  return g.sigmoid(g.div(g.sub(score, threshold), scale))
}
