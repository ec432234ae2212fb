/**
 * Raw little-endian bytes to tensors of the graph's types, along strides.
 *
 * Every platform that JavaScript runs on today is little-endian, so typed arrays read the bytes as they are.
 */
import { bytesOf, type DType, type Tensor } from '@assay/graph'

/** Element types as files store them. */
export type StoredType = DType | 'bfloat16'

/** Bytes of one element in the file. */
export function elementBytes(stored: StoredType): number {
  return stored === 'bfloat16' ? 2 : bytesOf(stored)
}

/** The graph's type for a stored one: bfloat16 is widened to float32, which is exact; the others stay. */
export function tensorType(stored: StoredType): DType {
  return stored === 'bfloat16' ? 'float32' : stored
}

/** Number of elements of a shape; Infinity when beyond exact counting. */
export function countElements(shape: readonly number[]): number {
  if (shape.includes(0)) return 0
  const count = shape.reduce((product, n) => product * n, 1)
  return Number.isSafeInteger(count) ? count : Infinity
}

/** Row-major strides, in elements. `[2, 3, 4]` has `[12, 4, 1]`. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides: number[] = Array.from(shape, () => 1)
  for (let d = shape.length - 2; d >= 0; d--) strides[d] = strides[d + 1]! * Math.max(1, shape[d + 1]!)
  return strides
}

/** How many elements, from the first one on, a strided tensor reaches over; 0 for an empty one. */
export function elementSpan(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0
  return 1 + shape.reduce((sum, n, d) => sum + (n - 1) * strides[d]!, 0)
}

/** Copies the elements that `shape` and `strides` pick, from the first byte on, into a tensor of its own. */
export function readElements(
  bytes: Uint8Array,
  stored: StoredType,
  shape: readonly number[],
  strides: readonly number[],
): Tensor {
  const count = countElements(shape)
  const packed = isRowMajor(shape, strides)
    ? bytes.slice(0, count * elementBytes(stored))
    : gather(bytes, elementBytes(stored), shape, strides, count)
  return { dtype: tensorType(stored), shape: [...shape], data: interpret(packed.buffer, stored) }
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  const dense = rowMajor(shape)
  return shape.every((n, d) => n <= 1 || strides[d] === dense[d])
}

/** Walks the target in row-major order and keeps the source offset alongside. */
function gather(
  bytes: Uint8Array,
  width: number,
  shape: readonly number[],
  strides: readonly number[],
  count: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(count * width)
  const index = shape.map(() => 0)
  let from = 0
  for (let to = 0; to < out.length; to += width) {
    for (let b = 0; b < width; b++) out[to + b] = bytes[from + b]!
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d]! * width
      if (++index[d]! < shape[d]!) break
      from -= shape[d]! * strides[d]! * width
      index[d] = 0
    }
  }
  return out
}

function interpret(buffer: ArrayBuffer, stored: StoredType): Tensor['data'] {
  switch (stored) {
    case 'float64':
      return new Float64Array(buffer)
    case 'int64':
      return new BigInt64Array(buffer)
    case 'float32':
      return new Float32Array(buffer)
    case 'int32':
      return new Int32Array(buffer)
    case 'float16':
      return new Uint16Array(buffer)
    case 'bfloat16':
      // The upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (half) => half << 16).buffer)
    case 'uint8':
      return new Uint8Array(buffer)
    case 'bool':
      return new Uint8Array(buffer).map((b) => (b === 0 ? 0 : 1))
    default:
      return stored satisfies never
  }
}
