/** One share for work of many stages, each of about a known part of the whole. */
import type { TaskProgress } from './message.ts'

export interface Progress {
  /** `done` of `total` of a stage. Stages before it count as done; the share never falls. */
  report(stage: string, done: number, total: number, loss?: number): TaskProgress
}

/** `weights` are in the order of the stages; what they mean is only how they compare. */
export function createProgress(weights: Readonly<Record<string, number>>): Progress {
  const stages = Object.keys(weights)
  const whole = Object.values(weights).reduce((sum, weight) => sum + weight, 0)
  let share = 0
  let last: number | null = null
  return {
    report(stage, done, total, loss) {
      const at = stages.indexOf(stage)
      const before = stages.slice(0, Math.max(at, 0)).reduce((sum, name) => sum + (weights[name] ?? 0), 0)
      const inside = at < 0 || total === 0 ? 0 : ((weights[stage] ?? 0) * Math.min(done, total)) / total
      share = Math.max(share, Math.min(1, (before + inside) / whole))
      last = loss ?? last
      return { stage, share, loss: last }
    },
  }
}
