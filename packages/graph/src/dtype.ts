/**
 * Element types of tensors, and tensors that carry data.
 *
 * float16 travels as its bits in a Uint16Array, because not every engine that runs this code has a
 * Float16Array.
 */
import { fromFloat16Bits, toFloat16Bits } from './float16.ts'

export type DType = 'float32' | 'float64' | 'float16' | 'int64' | 'int32' | 'uint8' | 'bool'

export type TensorData = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Uint16Array

/** Numbers with their element type and size, row-major. `bool` is 0 or 1 per byte, `float16` its bits. */
export interface Tensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly data: TensorData
}

/**
 * A tensor whose numbers are read when they are written, so that a model larger than the memory can be made.
 * Reading twice must give the same numbers; whoever reads holds them no longer than needed.
 */
export interface DeferredTensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly read: () => Promise<TensorData>
}

export function isDeferred(content: Tensor | DeferredTensor): content is DeferredTensor {
  return 'read' in content
}

/** The numbers of a deferred tensor. Refuses data of another kind or length than it promises. */
export async function readDeferred({ dtype, shape, read }: DeferredTensor): Promise<Tensor> {
  return tensor(await read(), shape, dtype)
}

const bytesPerElement = { float32: 4, float64: 8, float16: 2, int64: 8, int32: 4, uint8: 1, bool: 1 } as const

/** Size of one element in bytes. */
export function bytesOf(dtype: DType): number {
  return bytesPerElement[dtype]
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float64' || dtype === 'float16'
}

/** An empty (zero) array of the kind that holds `length` elements of `dtype`. */
export function allocate(dtype: DType, length: number): TensorData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(length)
    case 'float64':
      return new Float64Array(length)
    case 'float16':
      return new Uint16Array(length)
    case 'int64':
      return new BigInt64Array(length)
    case 'int32':
      return new Int32Array(length)
    case 'uint8':
    case 'bool':
      return new Uint8Array(length)
    default:
      dtype satisfies never
      throw new Error(`internal: unknown element type ${String(dtype)}`)
  }
}

/** Element type that a typed array stands for when nothing else is said (Uint16Array is float16 bits). */
function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Uint16Array) return 'float16'
  if (data instanceof BigInt64Array) return 'int64'
  if (data instanceof Int32Array) return 'int32'
  return 'uint8'
}

/** Number of elements of a fixed shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, d) => product * d, 1)
}

/**
 * Makes a tensor. Plain numbers are rounded to `dtype` (default float32); a typed array is taken as it is and
 * must fit the type. Refuses data of another length than the shape.
 */
export function tensor(
  data: TensorData | readonly number[],
  shape: readonly number[],
  dtype?: DType,
): Tensor {
  const kind = dtype ?? (Array.isArray(data) ? 'float32' : dtypeOf(data as TensorData))
  const typed = Array.isArray(data) ? fromNumbers(data as readonly number[], kind) : (data as TensorData)
  if (typed.constructor !== allocate(kind, 0).constructor) {
    throw new Error(`internal: a ${typed.constructor.name} cannot hold ${kind} elements`)
  }
  if (typed.length !== sizeOf(shape)) {
    throw new Error(
      `internal: shape [${shape.join(', ')}] needs ${sizeOf(shape)} elements, not ${typed.length}`,
    )
  }
  return { dtype: kind, shape: [...shape], data: typed }
}

/** One number as a tensor of rank 0. */
export function scalar(value: number, dtype: DType): Tensor {
  return { dtype, shape: [], data: fromNumbers([value], dtype) }
}

/** Converts plain numbers to typed elements: floats are rounded to nearest even, integers truncated. */
export function fromNumbers(values: ArrayLike<number>, dtype: DType): TensorData {
  const data = allocate(dtype, values.length)
  for (let i = 0; i < values.length; i++) {
    const v = values[i] ?? 0
    if (data instanceof BigInt64Array) data[i] = BigInt(Math.trunc(v))
    else data[i] = dtype === 'float16' ? toFloat16Bits(v) : dtype === 'bool' ? Number(v !== 0) : v
  }
  return data
}

/** Elements as plain numbers in float64; 64-bit integers beyond 2^53 lose their last bits. */
export function toNumbers({ dtype, data }: Tensor): Float64Array {
  if (dtype === 'float16') return Float64Array.from(data as Uint16Array, fromFloat16Bits)
  if (data instanceof BigInt64Array) return Float64Array.from(data, Number)
  return Float64Array.from(data as Float32Array)
}
