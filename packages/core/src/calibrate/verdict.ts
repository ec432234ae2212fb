/** From a score to a verdict. */
import type { Verdict } from '@assay/contract'

/** Above the threshold is a defect, above the lower end of the unsure band, where there is one, unsure. */
export function verdictOf(score: number, threshold: number, unsure: number | null): Verdict {
  if (score > threshold) return 'defect'
  return unsure !== null && score > unsure ? 'unsure' : 'good'
}
