/** A threshold set by hand: the same model with another cut, whose card says so and keeps what was there. */
import { AssayError, type Card, type ProductCard } from '@assay/contract'
import { readModelFile, recalibrate } from './file.ts'

/**
 * The file of a model for one product with `threshold` for the image score. The scale stays, so calibrated scores move
 * with the threshold; a band of unsure that would lie above it goes. Throws OPTION_INVALID for one that is not a
 * number, CONFLICT for a model with zones or of several products, and what reading the file throws.
 */
export async function moveThreshold(
  bytes: Uint8Array,
  threshold: number,
): Promise<{ readonly bytes: Uint8Array; readonly card: Card }> {
  const { card } = await readModelFile(bytes)
  const [product, ...others] = card.products
  if (!Number.isFinite(Math.fround(threshold)))
    throw new AssayError('OPTION_INVALID', {
      option: 'threshold',
      value: `${threshold}`,
      reason: 'it is no number',
    })
  if (product === undefined || others.length > 0)
    throw new AssayError('CONFLICT', {
      reason: 'the model is for several products, each with a threshold of its own',
      hint: 'Train a model for the one product.',
    })
  if (product.zones !== null)
    throw new AssayError('CONFLICT', {
      reason: 'the model has zones, each with a threshold of its own',
      hint: 'Calibrate it with another aim for false alarms.',
    })
  const { unsure, image } = product
  const moved: ProductCard = {
    ...product,
    image: { ...image, threshold },
    unsure: unsure !== null && unsure < threshold ? unsure : null,
    promised: null,
    byHand: true,
    history: [...product.history, earlierOf(product)],
  }
  const changed: Card = { ...card, products: [moved] }
  return { bytes: recalibrate(bytes, changed), card: changed }
}

/** What a calibration had set, for the history of the next. */
export function earlierOf(product: ProductCard): ProductCard['history'][number] {
  const { image, pixel, unsure, falseAlarms, heldOutImages, heldOutAbove } = product
  const zones = (product.zones?.zones ?? []).flatMap(({ name, ...zone }) =>
    zone.image === undefined || zone.pixel === undefined
      ? []
      : [{ name, image: zone.image, pixel: zone.pixel, unsure: zone.unsure ?? null }],
  )
  return { image, pixel, unsure, falseAlarms, heldOutImages, heldOutAbove, zones }
}
