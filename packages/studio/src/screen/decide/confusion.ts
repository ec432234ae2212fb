/** What a threshold does to scores. A score above it is a defect, as in the models. */
import type { ApiEvaluation } from '@assay/contract/api'

export interface Scored {
  readonly image: string
  readonly label: 'good' | 'defect'
  readonly defect: string | null
  readonly score: number
}

export interface Confusion {
  readonly found: number
  readonly missed: number
  readonly falseAlarms: number
  readonly passed: number
  /** Shares are null where there is nothing to take a share of. */
  readonly foundShare: number | null
  readonly falseAlarmShare: number | null
  readonly precision: number | null
}

/** With the score of a zone, or that which decides for `''`. */
export function scoresOf(images: ApiEvaluation['images'], zone: string): Scored[] {
  return images.flatMap(({ image, label, defect, score, zones }) => {
    const shown = zone === '' ? score : zones[zone]
    return shown === undefined ? [] : [{ image, label, defect, score: shown }]
  })
}

export function confuse(scored: readonly Scored[], threshold: number): Confusion {
  const count = (of: 'good' | 'defect', isAlarm: boolean): number =>
    scored.filter(({ label, score }) => label === of && score > threshold === isAlarm).length
  const [found, missed] = [count('defect', true), count('defect', false)]
  const [falseAlarms, passed] = [count('good', true), count('good', false)]
  const share = (part: number, rest: number): number | null =>
    part + rest === 0 ? null : part / (part + rest)
  return {
    found,
    missed,
    falseAlarms,
    passed,
    foundShare: share(found, missed),
    falseAlarmShare: share(falseAlarms, passed),
    precision: share(found, falseAlarms),
  }
}

/** The least threshold at which no larger share of the good scores lies above. */
export function thresholdFor(good: readonly number[], falseAlarms: number): number | null {
  const sorted = good.toSorted((a, b) => b - a)
  return sorted[Math.floor(falseAlarms * sorted.length)] ?? sorted.at(-1) ?? null
}
