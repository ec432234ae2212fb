/** The order of a product's samples, whatever order they were found in. */
import type { Label, Sample, Split } from './dataset.ts'

/** Training, validation, test, and in each good before unknown before defects; otherwise as found. */
export function sortSamples(samples: readonly Sample[]): Sample[] {
  const splits: readonly Split[] = ['train', 'validation', 'test']
  const labels: readonly Label[] = ['good', 'unknown', 'defect']
  return splits.flatMap((split) =>
    labels.flatMap((label) => samples.filter((sample) => sample.split === split && sample.label === label)),
  )
}
