/** Replaces one initializer of a finished model: a constant with a known name becomes another value. */
import { clearField, fromBinary, toBinary } from '@bufbuild/protobuf'
import type { Tensor } from '../dtype.ts'
import { onnxTypes } from './data-type.ts'
import { OnnxFormatError, refusing } from './format-error.ts'
import { TensorProtoSchema, type TensorProto } from './onnx_pb.ts'
import { bytesOfTensor } from './raw-data.ts'
import {
  contentOf,
  graphField,
  initializerField,
  join,
  modelRecords,
  recordsOf,
  replaceContent,
  type WireRecord,
} from './wire.ts'

/**
 * The same model with `tensor` in place of the initializer `name`, which must have its type and shape; one whose
 * numbers lie in another file moves into the model. All other bytes stay as they are. Throws OnnxFormatError if
 * the bytes are no model or it holds no such initializer.
 */
export function setOnnxInitializer(bytes: Uint8Array, name: string, tensor: Tensor): Uint8Array {
  return refusing(() => {
    const { graph, inGraph, initializer, proto } = find(bytes, name)
    const isSame =
      proto.dataType === onnxTypes[tensor.dtype] &&
      proto.dims.length === tensor.shape.length &&
      proto.dims.every((d, i) => Number(d) === tensor.shape[i])
    if (!isSame) throw new OnnxFormatError(`the initializer "${name}" has another type or shape`)
    // A file of other origin may keep the old numbers in a typed field, or in another file.
    const { floatData, doubleData, int32Data, int64Data, externalData, dataLocation } =
      TensorProtoSchema.field
    for (const field of [floatData, doubleData, int32Data, int64Data, externalData, dataLocation]) {
      clearField(proto, field)
    }
    proto.rawData = bytesOfTensor(tensor)
    const changed = replaceContent(inGraph, initializer, [toBinary(TensorProtoSchema, proto)])
    return join(replaceContent(bytes, graph, changed))
  })
}

interface Found {
  readonly graph: WireRecord
  readonly inGraph: Uint8Array
  readonly initializer: WireRecord
  readonly proto: TensorProto
}

function find(bytes: Uint8Array, name: string): Found {
  for (const graph of modelRecords(bytes).filter(({ field }) => field === graphField)) {
    const inGraph = contentOf(graph)
    for (const initializer of recordsOf(inGraph).filter(({ field }) => field === initializerField)) {
      const proto = fromBinary(TensorProtoSchema, contentOf(initializer))
      if (proto.name === name) return { graph, inGraph, initializer, proto }
    }
  }
  throw new OnnxFormatError(`the model has no initializer "${name}"`)
}
