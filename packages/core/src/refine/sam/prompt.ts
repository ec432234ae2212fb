/** What to segment: a box, clicks, or both, in pixels of the picture. */
import type { Tensor } from '@assay/graph'

import { pointLabel } from './decoder.ts'
import type { Placement } from './input.ts'

/** A click on the picture; `x` and `y` are the pixel's coordinates, whose centre is meant. */
export interface PromptPoint {
  readonly x: number
  readonly y: number
  /** Whether the point is on the thing sought, or on what it is not. */
  readonly isForeground: boolean
}

/** One thing to segment. At least a box or a point. */
export interface Prompt {
  /** `[left, top, right, bottom]`. */
  readonly box?: readonly [number, number, number, number]
  readonly points?: readonly PromptPoint[]
}

/** The decoder's `points` `[1, k, 2]` and `labels` `[1, k]` for one prompt. */
export function placePrompt(
  { box, points = [] }: Prompt,
  { width, height, insideWidth, insideHeight }: Placement,
): { readonly points: Tensor; readonly labels: Tensor } {
  const placed: (readonly [x: number, y: number, label: number])[] = points.map(({ x, y, isForeground }) => [
    x,
    y,
    isForeground ? pointLabel.foreground : pointLabel.background,
  ])
  if (box !== undefined)
    placed.push([box[0], box[1], pointLabel.topLeft], [box[2], box[3], pointLabel.bottomRight])
  if (placed.length === 0) throw new Error('internal: a prompt has neither a box nor a point')
  // The reference's training saw a token in the place of the box that is not there.
  if (box === undefined) placed.push([0, 0, pointLabel.padding])
  const [right, down] = [insideWidth / width, insideHeight / height]
  const coordinates = placed.flatMap(([x, y]) => [x * right, y * down])
  return {
    points: { dtype: 'float32', shape: [1, placed.length, 2], data: Float32Array.from(coordinates) },
    labels: {
      dtype: 'int64',
      shape: [1, placed.length],
      data: BigInt64Array.from(placed, ([, , label]) => BigInt(label)),
    },
  }
}
