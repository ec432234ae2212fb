/**
 * Writes a graph as an ONNX model in one file.
 *
 * The bytes depend on the graph alone: map entries are sorted. Tensors are written as raw little-endian data.
 */
import { create, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf'
import { isDeferred, type DType, type Tensor } from '../dtype.ts'
import type { Graph } from '../graph.ts'
import type { OnnxAttribute } from '../op/define.ts'
import type { TensorType } from '../value.ts'
import { onnxTypes } from './data-type.ts'
import { emitGraph, type EmittedNode } from './emit.ts'
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TensorShapeProto_DimensionSchema,
  TensorShapeProtoSchema,
  TypeProto_TensorSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type ValueInfoProto,
} from './onnx_pb.ts'
import { metadataEntries } from './metadata.ts'
import { bytesOfTensor } from './raw-data.ts'
import { graphField, initializerField, join, lengthOf, recordParts } from './wire.ts'

export interface WriteOptions {
  /** Version of the standard operators, 20 or later. Default 20. */
  readonly opset?: number
  /** Goes to `metadata_props`, in alphabetical order. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly producer?: string
}

/**
 * The model's bytes. Checks the graph first. Refuses deferred constants, and graphs that need more than the 2 GB that
 * one file can hold.
 */
export function writeOnnx(graph: Graph, options: WriteOptions = {}): Uint8Array {
  const { nodes, initializers } = emitGraph(graph)
  const encoded = initializers.map(({ name, content }) => {
    if (isDeferred(content)) {
      throw new Error(
        `internal: constant "${name}" of graph "${graph.name}" is deferred; write it with writeOnnxExternal`,
      )
    }
    return inlineParts(name, content)
  })
  return encodeModel(graph, nodes, encoded, options)
}

/** Protobuf, and so ONNX, knows no larger messages. */
const largestFile = 2 ** 31 - 1

/**
 * A whole file of nodes and initializers, each of them given as the parts of its TensorProto. Fields stand in the
 * order of their numbers, as protobuf writes them; the numbers of the tensors are copied once, into the result.
 */
export function encodeModel(
  graph: Graph,
  nodes: readonly EmittedNode[],
  initializers: readonly (readonly Uint8Array[])[],
  { opset = 20, metadata = {}, producer = 'assay' }: WriteOptions,
): Uint8Array {
  if (opset < 20 || opset > 22) throw new Error(`internal: cannot write ONNX opset ${opset}, only 20 to 22`)
  const opsetImport = [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })]
  const parts = [
    partOf(ModelProtoSchema, { irVersion: 9n, producerName: producer }),
    ...recordParts(graphField, [
      partOf(GraphProtoSchema, { node: nodes.map(nodeProto), name: graph.name }),
      ...initializers.flatMap((tensor) => recordParts(initializerField, tensor)),
      partOf(GraphProtoSchema, {
        input: graph.inputs.map(({ name, value }) => valueInfo(name, value)),
        output: graph.outputs.map(({ name, value }) => valueInfo(name, value)),
      }),
    ]),
    partOf(ModelProtoSchema, { opsetImport, metadataProps: metadataEntries(metadata) }),
  ]
  const bytes = lengthOf(parts)
  if (bytes > largestFile) {
    throw new Error(
      `internal: graph "${graph.name}" has ${bytes} bytes, and one ONNX file holds at most ${largestFile}; ` +
        'write it with writeOnnxExternal',
    )
  }
  return join(parts)
}

/** An initializer with its numbers in the file itself. */
export function inlineParts(name: string, tensor: Tensor): Uint8Array[] {
  return [
    partOf(TensorProtoSchema, tensorHeader(name, tensor)),
    ...recordParts(TensorProtoSchema.field.rawData.number, [bytesOfTensor(tensor)]),
  ]
}

/** What a TensorProto says besides the numbers. */
export function tensorHeader(
  name: string,
  { dtype, shape }: { readonly dtype: DType; readonly shape: readonly number[] },
): { readonly name: string; readonly dataType: number; readonly dims: bigint[] } {
  return { name, dataType: onnxTypes[dtype], dims: shape.map(BigInt) }
}

/** Some fields of a message; parts that follow each other are one message. */
export function partOf<T extends DescMessage>(schema: T, fields: MessageInitShape<T>): Uint8Array {
  return toBinary(schema, create(schema, fields))
}

export function nodeProto({ opType, inputs, outputs, attributes }: EmittedNode): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
  })
}

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  const type = AttributeProto_AttributeType
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) })
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) })
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float })
  if ('dtype' in value)
    return create(AttributeProtoSchema, {
      name,
      type: type.TENSOR,
      t: { ...tensorHeader('', value), rawData: bytesOfTensor(value) },
    })
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) })
}

function valueInfo(name: string, { dtype, shape }: TensorType): ValueInfoProto {
  const dim = shape.map((d) =>
    create(TensorShapeProto_DimensionSchema, {
      value: typeof d === 'number' ? { case: 'dimValue', value: BigInt(d) } : { case: 'dimParam', value: d },
    }),
  )
  const tensorType = create(TypeProto_TensorSchema, {
    elemType: onnxTypes[dtype],
    shape: create(TensorShapeProtoSchema, { dim }),
  })
  return create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: tensorType } }),
  })
}
