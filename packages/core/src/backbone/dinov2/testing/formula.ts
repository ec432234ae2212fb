/** Weights and pictures that tools/golden/dinov2_judge.py makes by the same formula. */
import { sizeOf, type Tensor } from '@assay/graph'

/** uint8 `[n, h, w, 3]`: a slope with noise on it. */
export function formulaImage(images: number, height: number, width: number): Tensor {
  const random = noise('image')
  const data = Uint8Array.from({ length: images * height * width * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / (3 * width)) % height]
    return (3 * x + 5 * y + 40 * c + (random(i) >>> 26)) % 256
  })
  return { dtype: 'uint8', shape: [images, height, width, 3], data }
}

/** Numbers that depend on name and place alone. */
export function formulaTensor(name: string, shape: readonly number[]): Tensor {
  const [mean, scale] = rangeOf(name, shape)
  const random = noise(name)
  const data = new Float32Array(sizeOf(shape))
  for (let i = 0; i < data.length; i++) data[i] = mean + scale * (random(i) / 2 ** 31 - 1)
  return { dtype: 'float32', shape, data }
}

/** Middle and half width of the uniform numbers of a tensor, about as large as in a trained network. */
function rangeOf(name: string, shape: readonly number[]): readonly [mean: number, scale: number] {
  if (name.endsWith('.gamma')) return [0.4, 0.2]
  if (!name.endsWith('.weight')) return [0, 0.5]
  return shape.length === 1 ? [1, 0.3] : [0, Math.sqrt((3 * shape[0]!) / sizeOf(shape))]
}

/** Whole numbers below 2^32 by index: FNV-1a of the name, then the last mixing of murmur3. */
function noise(name: string): (i: number) => number {
  let seed = 2166136261
  for (const character of name) seed = Math.imul(seed ^ character.charCodeAt(0), 16777619)
  return (i) => {
    let h = Math.imul(i, 0x9e3779b9) + seed
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return (h ^ (h >>> 16)) >>> 0
  }
}
