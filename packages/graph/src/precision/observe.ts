/** A model that tells the ranges of tensors inside it, beside what it gave before. */
import { create } from '@bufbuild/protobuf'
import { onnxTypes } from '../onnx/data-type.ts'
import { TypeProto_TensorSchema, TypeProtoSchema, ValueInfoProtoSchema } from '../onnx/onnx_pb.ts'
import { editModel, makeNode } from './edit.ts'

/** Smallest and largest value of a tensor. */
export interface Range {
  readonly min: number
  readonly max: number
}

interface RangeOutputs {
  readonly tensor: string
  /** Names of outputs of one float32 each. */
  readonly min: string
  readonly max: string
}

export interface ObservedModel {
  readonly bytes: Uint8Array
  readonly outputs: readonly RangeOutputs[]
}

/** Adds the two outputs for each of the float32 tensors. Throws OnnxFormatError if the bytes are no model. */
export function observeTensors(bytes: Uint8Array, tensors: readonly string[]): ObservedModel {
  const outputs: RangeOutputs[] = []
  const observed = editModel(bytes, ({ graph, freshName }) => {
    for (const tensor of tensors) {
      const names = { min: freshName(`${tensor}.min`), max: freshName(`${tensor}.max`) }
      outputs.push({ tensor, ...names })
      for (const [opType, name] of [
        ['ReduceMin', names.min],
        ['ReduceMax', names.max],
      ] as const) {
        graph.node.push(makeNode(opType, [tensor], name, { keepdims: 0 }))
        graph.output.push(floatOutput(name))
      }
    }
  })
  return { bytes: observed, outputs }
}

function floatOutput(name: string) {
  const value = create(TypeProto_TensorSchema, { elemType: onnxTypes.float32 })
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value } }),
  })
}
