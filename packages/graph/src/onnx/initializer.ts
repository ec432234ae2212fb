/** Replaces one initializer of a finished model: a constant with a known name becomes another value. */
import { clearField, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Tensor } from '../dtype.ts'
import { onnxTypes } from './data-type.ts'
import { OnnxFormatError, refusing } from './format-error.ts'
import { ModelProtoSchema, TensorProtoSchema } from './onnx_pb.ts'
import { bytesOfTensor } from './raw-data.ts'

/**
 * The same model with `tensor` in place of the initializer `name`, which must have its type and shape.
 * Throws OnnxFormatError if the bytes are no model or it holds no such initializer.
 */
export function setOnnxInitializer(bytes: Uint8Array, name: string, tensor: Tensor): Uint8Array {
  const model = refusing(() => fromBinary(ModelProtoSchema, bytes))
  const found = model.graph?.initializer.find((i) => i.name === name)
  if (found === undefined) throw new OnnxFormatError(`the model has no initializer "${name}"`)
  const isSame =
    found.dataType === onnxTypes[tensor.dtype] &&
    found.dims.length === tensor.shape.length &&
    found.dims.every((d, i) => Number(d) === tensor.shape[i])
  if (!isSame) throw new OnnxFormatError(`the initializer "${name}" has another type or shape`)
  // A file of other origin may keep the old numbers in a typed field, or in another file.
  const { floatData, doubleData, int32Data, int64Data, externalData, dataLocation } = TensorProtoSchema.field
  for (const field of [floatData, doubleData, int32Data, int64Data, externalData, dataLocation]) {
    clearField(found, field)
  }
  found.rawData = bytesOfTensor(tensor)
  return toBinary(ModelProtoSchema, model)
}
