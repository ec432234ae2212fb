/**
 * Recognises the product of a picture from a small square view of it.
 *
 * Patch features of the view are averaged over a 4 x 4 grid, centred and compared by cosine with stored
 * training views; the product of the nearest one wins. One image at a time: nothing depends on a batch.
 */
import { createGraph, writeOnnx, type GraphBuilder, type Tensor, type Value } from '@assay/graph'
import { normaliseImage } from '../backbone/index.ts'
import { addPatchFeatures, addView, type FeaturePlan } from '../feature/index.ts'
import { openSession, type Device } from '../runtime/index.ts'

/** Side of the view in pixels. */
export const viewSide = 160
const cells = 4
/** Training views kept per product. */
export const viewsPerProduct = 64

export interface Router {
  /** Centred unit descriptors `[views, length]`. */
  readonly views: Tensor
  /** Product of each view, int64 `[views]`. */
  readonly products: Tensor
  /** What is subtracted before the comparison, `[length]`. */
  readonly mean: Tensor
}

/** Product of each picture, int64 `[n]`, from normalised planes `[n, 3, h, w]` of any size. */
export function addRouter(g: GraphBuilder, planes: Value, plan: FeaturePlan, router: Router): Value {
  const descriptor = g.sub(addDescriptor(g, planes, plan), g.constant(router.mean, 'router.mean'))
  const unit = g.normalise(descriptor, { axis: 1 })
  const similarity = g.gemm(unit, g.constant(router.views, 'router.views'), undefined, { transB: true })
  return g.gather(
    g.constant(router.products, 'router.products'),
    g.argMax(similarity, { axis: 1, keepDims: false }),
    { axis: 0 },
  )
}

/** Learns the router from one list of views per product, each uint8 `[viewSide, viewSide, 3]`. */
export async function fitRouter(
  views: readonly (readonly Uint8Array[])[],
  plan: FeaturePlan,
  device: Device,
): Promise<Router> {
  const g = createGraph('descriptor')
  const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  g.output('descriptor', addDescriptor(g, normaliseImage(g, image, plan.backbone.card.input), plan))
  await using session = await openSession(writeOnnx(g.build()), device, 'describing the products')
  const descriptors: Float32Array[] = []
  const owners: number[] = []
  for (const [product, own] of views.entries()) {
    for (const data of own) {
      const { descriptor } = await session.run({
        image: { dtype: 'uint8', shape: [1, viewSide, viewSide, 3], data },
      })
      descriptors.push(Float32Array.from(descriptor?.data as Float32Array))
      owners.push(product)
    }
  }
  const length = descriptors[0]?.length ?? 0
  const mean = new Float32Array(length)
  for (const d of descriptors) for (let i = 0; i < length; i++) mean[i]! += d[i]! / descriptors.length
  const unit = new Float32Array(descriptors.length * length)
  for (const [row, d] of descriptors.entries()) {
    let square = 0
    for (let i = 0; i < length; i++) square += (d[i]! - mean[i]!) ** 2
    const norm = Math.max(Math.sqrt(square), 1e-12)
    for (let i = 0; i < length; i++) unit[row * length + i] = (d[i]! - mean[i]!) / norm
  }
  return {
    views: { dtype: 'float32', shape: [descriptors.length, length], data: unit },
    products: { dtype: 'int64', shape: [owners.length], data: BigInt64Array.from(owners, BigInt) },
    mean: { dtype: 'float32', shape: [length], data: mean },
  }
}

/** `[n, channels * 16]` */
function addDescriptor(g: GraphBuilder, planes: Value, plan: FeaturePlan): Value {
  const features = addPatchFeatures(g, addView(g, planes, viewSide), plan)
  // The view has a fixed size, so the grid of the features has one too.
  const pooled = g.adaptiveAveragePool(features, [cells, cells])
  const channels = features.shape[1]
  if (typeof channels !== 'number') throw new Error('internal: features of unknown width')
  return g.reshape(pooled, [-1, channels * cells * cells])
}
