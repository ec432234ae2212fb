/** Tensors as the little-endian bytes of ONNX's raw_data, and back. */
import { allocate, bytesOf, sizeOf, type DType, type Tensor } from '../dtype.ts'

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** The bytes; on little-endian machines without a copy. */
export function bytesOfTensor({ dtype, data }: Tensor): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return isLittleEndian ? bytes : swapped(bytes, bytesOf(dtype))
}

/** A tensor with its own copy of the data. The caller has made sure of the length. */
export function tensorOfBytes(bytes: Uint8Array, shape: readonly number[], dtype: DType): Tensor {
  const data = allocate(dtype, sizeOf(shape))
  new Uint8Array(data.buffer).set(isLittleEndian ? bytes : swapped(bytes, bytesOf(dtype)))
  return { dtype, shape, data }
}

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = new Uint8Array(bytes)
  for (let i = 0; i < copy.length; i += width) copy.subarray(i, i + width).reverse()
  return copy
}
