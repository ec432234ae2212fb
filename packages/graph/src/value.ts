/** Values: typed names of tensors inside a graph. A value carries no data. */
import type { DType } from './dtype.ts'
import { formatShape, type Shape } from './shape.ts'

export interface TensorType {
  readonly dtype: DType
  readonly shape: Shape
}

/** A tensor in a graph. The `id` is unique within its builder. */
export interface Value extends TensorType {
  readonly id: number
}

/** A value, or a number that becomes a scalar constant of its partner's element type. */
export type Operand = Value | number

export function formatType({ dtype, shape }: TensorType): string {
  return `${dtype}${formatShape(shape)}`
}

/** The element type that all values share; refuses a mixture. */
export function sameDtype(operator: string, ...values: readonly Value[]): DType {
  const dtype = values[0]!.dtype
  if (values.some((v) => v.dtype !== dtype)) {
    throw new Error(`internal: ${operator} cannot mix ${values.map(formatType).join(' and ')}`)
  }
  return dtype
}
