/** Masks as lengths of runs, outside and inside in turn, in raster order: small enough for a model card. */

/** The runs of `mask`, 0 or non-zero; the first one is outside and may be empty. */
export function toRuns(mask: ArrayLike<number>): number[] {
  const runs: number[] = []
  let isInside = false
  let length = 0
  for (let i = 0; i < mask.length; i++) {
    if ((mask[i] !== 0) !== isInside) {
      runs.push(length)
      length = 0
      isInside = !isInside
    }
    length++
  }
  runs.push(length)
  return runs
}

/** 255 inside; `size` is the number of pixels that the runs add up to. */
export function fromRuns(runs: readonly number[], size: number): Uint8Array {
  const mask = new Uint8Array(size)
  let at = 0
  for (const [i, length] of runs.entries()) {
    if (i % 2 === 1) mask.fill(255, at, at + length)
    at += length
  }
  if (at !== size) throw new Error(`internal: runs of ${at} pixels do not make a mask of ${size}`)
  return mask
}
