/**
 * From the decoder's small logits to a mask of the picture's size.
 *
 * As in the reference: bilinear to the encoder's square, the padding cut off, bilinear to the picture, logits
 * above 0. The last step runs in bands of rows, so that a picture of any size costs its mask and little more.
 */
import { interpolateBilinear } from '../../image/index.ts'
import type { Placement } from './input.ts'
import { lowResolution, type SamPlan } from './plan.ts'

/** Pixels that are interpolated at a time. */
const bandPx = 1 << 20

/** The mask `[height, width]`, 255 inside and 0 outside, of one plane of logits of the decoder. */
export function toMask(logits: Float32Array, placement: Placement, plan: SamPlan): Uint8Array {
  const { width, height, insideWidth, insideHeight } = placement
  const inside = insideLogits(logits, placement, plan)
  const mask = new Uint8Array(width * height)
  const bandRows = Math.max(1, Math.floor(bandPx / width))
  for (let y = 0; y < height; y += bandRows) {
    const band = interpolateBilinear(inside, insideHeight, insideWidth, height, width, {
      alignCorners: false,
      rows: [y, Math.min(y + bandRows, height)],
    })
    const to = y * width
    for (let i = 0; i < band.length; i++) if (band[i]! > 0) mask[to + i] = 255
  }
  return mask
}

/** Logits at the encoder's resolution, without its padding: `[insideHeight, insideWidth]`. */
function insideLogits(
  logits: Float32Array,
  { insideWidth, insideHeight }: Placement,
  plan: SamPlan,
): Float32Array {
  const low = lowResolution(plan)
  const size = plan.imageSize
  const rows = interpolateBilinear(logits, low, low, size, size, {
    alignCorners: false,
    rows: [0, insideHeight],
  })
  if (insideWidth === size) return rows
  const inside = new Float32Array(insideHeight * insideWidth)
  for (let y = 0; y < insideHeight; y++)
    inside.set(rows.subarray(y * size, y * size + insideWidth), y * insideWidth)
  return inside
}
