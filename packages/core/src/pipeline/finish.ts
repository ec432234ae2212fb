/** What a training and an import end with: the card of each product, and the proof that the model works here. */
import type { Card, ProductCard } from '@assay/contract'
import { writeOnnx, type Graph } from '@assay/graph'
import type { InputSize } from '../feature/index.ts'
import { compareSamples, sampleTolerance, takeSample } from '../model/index.ts'
import { openSession, type Device } from '../runtime/index.ts'
import type { CalibratedProduct } from './calibrate.ts'
import type { TrainingProductPlan } from './training-set.ts'

export function productCard(
  plan: TrainingProductPlan,
  trainingImages: number,
  calibrated: CalibratedProduct | undefined,
): ProductCard {
  if (calibrated === undefined) throw new Error(`internal: ${plan.name} was not calibrated`)
  return {
    name: plan.name,
    ...plan.geometry,
    trainingImages,
    ...calibrated.limits,
    mask: calibrated.mask,
    aims: null,
    zones: null,
    history: [],
  }
}

/** What is said of the thresholds of a product at the end of a run. */
export interface ProductSummary {
  readonly name: string
  readonly threshold: number
  readonly pixelThreshold: number
  readonly heldOut: number
  readonly heldOutAbove: number
  /** Share of good pictures aimed at. */
  readonly falseAlarms: number
  /** Share that is promised with `confidence`. */
  readonly promised: number
  readonly confidence: number
  /** Lower end of the unsure band; null for none. */
  readonly unsure: number | null
}

export function summariseProduct(product: ProductCard): ProductSummary {
  const { name, image, pixel, heldOutImages, heldOutAbove, falseAlarms, promised, unsure } = product
  if (promised === null) throw new Error(`internal: ${name} was calibrated without a promise`)
  return {
    name,
    threshold: image.threshold,
    pixelThreshold: pixel.threshold,
    heldOut: heldOutImages,
    heldOutAbove,
    falseAlarms,
    promised: promised.falseAlarms,
    confidence: promised.confidence,
    unsure,
  }
}

/** Opens the finished model as a user would, notes its sample vectors and sees that they repeat. */
export async function proveModel(model: Graph, device: Device, card: Omit<Card, 'parity'>): Promise<Card> {
  await using session = await openSession(writeOnnx(model), device, 'the finished model')
  const samples = []
  const sizes: InputSize[] = card.products.slice(0, 2).map(({ height, width }) => ({ height, width }))
  for (const [seed, size] of sizes.entries()) samples.push(await takeSample(session, { ...size, seed }))
  const worst = await compareSamples(session, samples)
  if (worst > sampleTolerance)
    throw new Error(`internal: a finished model does not repeat its own samples (${worst})`)
  return { ...card, samples, parity: [] }
}
