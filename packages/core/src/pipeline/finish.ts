/** What a training and an import end with: the card of each product, and the proof that the model works here. */
import type { Card, ProductCard, Recipe } from '@assay/contract'
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
  recipe: Recipe,
): ProductCard {
  if (calibrated === undefined) throw new Error(`internal: ${plan.name} was not calibrated`)
  const { image, pixel, mask, heldOut } = calibrated
  return {
    name: plan.name,
    ...plan.geometry,
    trainingImages,
    heldOutImages: heldOut.length,
    image,
    pixel,
    mask,
    falseAlarms: recipe.calibration.falseAlarms,
    heldOutAbove: heldOut.filter((s) => s > image.threshold).length,
  }
}

/** Opens the finished model as a user would, notes its sample vectors and sees that they repeat. */
export async function proveModel(model: Graph, device: Device, card: Card): Promise<Card> {
  await using session = await openSession(writeOnnx(model), device, 'the finished model')
  const samples = []
  const sizes: InputSize[] = card.products.slice(0, 2).map(({ height, width }) => ({ height, width }))
  for (const [seed, size] of sizes.entries()) samples.push(await takeSample(session, { ...size, seed }))
  const worst = await compareSamples(session, samples)
  if (worst > sampleTolerance)
    throw new Error(`internal: a finished model does not repeat its own samples (${worst})`)
  return { ...card, samples }
}
