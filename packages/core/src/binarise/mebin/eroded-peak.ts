/** How high a map stands over an area, not at a point. */
import type { AnomalyMap } from '../binariser.ts'

/**
 * The highest threshold below which the mask of a map survives erosion by a square of `side` pixels: the
 * largest value of its minimum filter (OpenCV's window; pixels outside are ignored). At least `floor`:
 * peaks that do not exceed it are not looked for.
 */
export function erodedPeak(map: AnomalyMap, side: number, floor: number = -Infinity): number {
  const { values, width, height } = map
  const before = side >> 1
  const after = side - 1 - before
  let peak = floor
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      // Few pixels rise above the peak found so far, and only they can raise it.
      let least = values[i]!
      if (!(least > peak)) continue
      const bottom = Math.min(height - 1, y + after)
      const left = Math.max(0, x - before)
      const right = Math.min(width - 1, x + after)
      for (let row = Math.max(0, y - before); row <= bottom && least > peak; row++)
        for (let k = row * width + left; k <= row * width + right; k++)
          if (values[k]! < least) least = values[k]!
      if (least > peak) peak = least
    }
  }
  return peak
}
