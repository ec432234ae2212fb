/** Soft focus and soft shadows: blurs of planes in time that does not grow with the radius. */

/** Three box blurs in a row, close to a Gaussian of standard deviation `radius`. Edges repeat. */
export function blurSoft(plane: Float32Array, width: number, height: number, radius: number): Float32Array {
  // Three boxes of half width r have the variance of r * (r + 1).
  const half = Math.max(1, Math.round((Math.sqrt(1 + 4 * radius * radius) - 1) / 2))
  let from = plane
  for (let pass = 0; pass < 3; pass++)
    from = boxDown(boxAcross(from, width, height, half), width, height, half)
  return from
}

/** The blur of a lens: `[1 - 2a, a]` taps of neighbours in both directions, interleaved channels. */
export function blurLens(
  pixels: Float32Array,
  width: number,
  height: number,
  channels: number,
  share: number,
): void {
  const stride = width * channels
  let line = new Float32Array(stride)
  let above = new Float32Array(stride)
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * stride, (y + 1) * stride)
    line.set(row)
    for (let i = channels; i < stride - channels; i++) {
      row[i] = line[i]! + share * (line[i - channels]! + line[i + channels]! - 2 * line[i]!)
    }
  }
  above.set(pixels.subarray(0, stride))
  for (let y = 1; y < height - 1; y++) {
    const row = pixels.subarray(y * stride, (y + 1) * stride)
    const below = pixels.subarray((y + 1) * stride, (y + 2) * stride)
    line.set(row)
    for (let i = 0; i < stride; i++) row[i] = line[i]! + share * (above[i]! + below[i]! - 2 * line[i]!)
    ;[above, line] = [line, above]
  }
}

function boxAcross(plane: Float32Array, width: number, height: number, half: number): Float32Array {
  const out = new Float32Array(plane.length)
  const share = 1 / (2 * half + 1)
  const last = width - 1
  for (let y = 0; y < height; y++) {
    const row = y * width
    let sum = 0
    for (let k = -half; k <= half; k++) sum += plane[row + Math.min(last, Math.max(0, k))]!
    for (let x = 0; x < width; x++) {
      out[row + x] = sum * share
      sum += plane[row + Math.min(last, x + half + 1)]! - plane[row + Math.max(0, x - half)]!
    }
  }
  return out
}

function boxDown(plane: Float32Array, width: number, height: number, half: number): Float32Array {
  const out = new Float32Array(plane.length)
  const share = 1 / (2 * half + 1)
  const last = height - 1
  const sums = new Float64Array(width)
  for (let k = -half; k <= half; k++) {
    const row = Math.min(last, Math.max(0, k)) * width
    for (let x = 0; x < width; x++) sums[x] = sums[x]! + plane[row + x]!
  }
  for (let y = 0; y < height; y++) {
    const row = y * width
    const enter = Math.min(last, y + half + 1) * width
    const leave = Math.max(0, y - half) * width
    for (let x = 0; x < width; x++) {
      out[row + x] = sums[x]! * share
      sums[x] = sums[x]! + plane[enter + x]! - plane[leave + x]!
    }
  }
  return out
}
