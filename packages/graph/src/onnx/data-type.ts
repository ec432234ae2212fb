/** Element types as numbered by ONNX's TensorProto.DataType. */
import type { DType } from '../dtype.ts'

export const onnxTypes: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
}
