/** Which good pictures of a dataset set the thresholds of a model that is trained already. */
import type { Dataset, Product, Sample } from '../dataset/index.ts'
import type { WarningEvent } from './options.ts'

/** Validation pictures where there are any, else those to train on; never those of a test. */
export function goodSamples({ samples }: Product): readonly Sample[] {
  const good = samples.filter((s) => s.label === 'good' && s.split !== 'test')
  const validation = good.filter((s) => s.split === 'validation')
  return validation.length > 0 ? validation : good
}

/** A model has probably learned from what lies in train/good. */
export function* warnAboutSeen({ products }: Dataset, used: readonly string[]): Generator<WarningEvent> {
  const files = new Set(used)
  const isSeen = products.some((p) =>
    p.samples.some((s) => p.layout === 'mvtec-ad' && s.split === 'train' && files.has(s.path)),
  )
  if (isSeen)
    yield {
      type: 'warning',
      message:
        'The thresholds are set on pictures from train/good. If the model has learned from them, the thresholds ' +
        'are too low; good pictures that it has not seen are better.',
    }
}
