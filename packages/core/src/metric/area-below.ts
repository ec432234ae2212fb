/**
 * The area under a curve over the false positive rate up to limits, by trapezoids, with a point interpolated at
 * each limit: as the official MVTec evaluations integrate.
 */

export interface AreaBelow {
  /** The next point of the curve; neither coordinate falls. The first piece starts at (0, 0). */
  step(fpr: number, y: number): void
  /** The area up to each limit divided by it. The last step has to be at 1. */
  areas(): number[]
}

/** Limits are in (0, 1]. */
export function createAreaBelow(limits: readonly number[]): AreaBelow {
  for (const limit of limits) {
    if (!(limit > 0 && limit <= 1)) throw new Error(`internal: a limit of ${limit} is not in (0, 1]`)
  }
  const area = new Float64Array(limits.length)
  const closed = new Uint8Array(limits.length)
  let fprBefore = 0
  let yBefore = 0
  return {
    step(fpr, y) {
      for (let k = 0; k < limits.length; k++) {
        if (closed[k] === 1) continue
        const limit = limits[k]!
        if (fpr <= limit) {
          area[k] = area[k]! + 0.5 * (fpr - fprBefore) * (y + yBefore)
          continue
        }
        closed[k] = 1
        if (fprBefore === limit) continue
        const yAtLimit = yBefore + ((y - yBefore) * (limit - fprBefore)) / (fpr - fprBefore)
        area[k] = area[k]! + 0.5 * (limit - fprBefore) * (yAtLimit + yBefore)
      }
      fprBefore = fpr
      yBefore = y
    },
    areas: () => limits.map((limit, k) => Math.min(1, area[k]! / limit)),
  }
}
