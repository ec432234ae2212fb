/**
 * Fills the holes of a mask: background that no path leads to the border of the picture.
 *
 * Background is connected the other way round than foreground (along edges where regions join at
 * corners), so an 8-connected ring encloses its inside. The default equals
 * scipy.ndimage.binary_fill_holes.
 */
import { type Connectivity, labelComponents } from './label.ts'

export interface FillHolesOptions {
  /** How the foreground is connected. */
  readonly connectivity?: Connectivity
  /** Holes of more pixels stay open. */
  readonly largestAreaPx?: number
}

/** A copy of `mask` `[h, w]` with its holes set to the value 255; other pixels keep theirs. */
export function fillHoles(
  mask: Uint8Array,
  width: number,
  height: number,
  options: FillHolesOptions = {},
): Uint8Array {
  const { connectivity = 8, largestAreaPx = Infinity } = options
  const background = mask.map((value) => (value === 0 ? 1 : 0))
  const { labels, count } = labelComponents(background, width, height, {
    connectivity: connectivity === 8 ? 4 : 8,
  })
  if (count === 0) return mask.slice()
  const open = new Uint8Array(count + 1)
  for (let x = 0; x < width; x++) {
    open[labels[x]!] = 1
    open[labels[(height - 1) * width + x]!] = 1
  }
  for (let y = 0; y < height; y++) {
    open[labels[y * width]!] = 1
    open[labels[(y + 1) * width - 1]!] = 1
  }
  if (largestAreaPx < Infinity) {
    const area = new Uint32Array(count + 1)
    for (const label of labels) area[label] = area[label]! + 1
    for (let label = 1; label <= count; label++) if (area[label]! > largestAreaPx) open[label] = 1
  }
  const filled = mask.slice()
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if (label !== 0 && open[label] === 0) filled[i] = 255
  }
  return filled
}
