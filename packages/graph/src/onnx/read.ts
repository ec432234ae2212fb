/**
 * Reads ONNX models as data: nodes in ONNX terms, initializers as tensors, metadata.
 *
 * Nothing is left half understood: whatever is not a whole and readable model is refused with an
 * OnnxFormatError, and so are sub-graphs, sparse tensors and element types that this package does not know.
 * Numbers in other files stay unread until they are asked for.
 */
import { fromBinary } from '@bufbuild/protobuf'
import { bytesOf, fromNumbers, sizeOf, type DeferredTensor, type DType, type Tensor } from '../dtype.ts'
import type { Dim } from '../shape.ts'
import { onnxTypes } from './data-type.ts'
import { externalTensor, isExternal, type ExternalReader } from './external.ts'
import { OnnxFormatError, refusing } from './format-error.ts'
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  type AttributeProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.ts'
import { tensorOfBytes } from './raw-data.ts'

export type OnnxAttributeValue = number | string | Tensor | readonly number[] | readonly string[]

export interface OnnxNode {
  readonly opType: string
  /** Empty for the standard operators. */
  readonly domain: string
  readonly name: string
  /** Names of tensors; empty where an optional input is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Integers beyond 2^53 are rounded. */
  readonly attributes: ReadonlyMap<string, OnnxAttributeValue>
}

export interface OnnxValueInfo {
  readonly name: string
  readonly dtype: DType
  /** Absent where the file does not tell; a size without a name is '?'. */
  readonly shape?: readonly Dim[]
}

export interface OnnxModel {
  readonly name: string
  /** Version of the standard operators. */
  readonly opset: number
  readonly producer: string
  /** Without those that have an initializer. */
  readonly inputs: readonly OnnxValueInfo[]
  readonly outputs: readonly OnnxValueInfo[]
  readonly nodes: readonly OnnxNode[]
  readonly initializers: ReadonlyMap<string, Tensor>
  /** Initializers whose numbers lie in another file, unread; empty without `readExternal`. */
  readonly external: ReadonlyMap<string, DeferredTensor>
  readonly metadata: Readonly<Record<string, string>>
}

export interface ReadOptions {
  /** Reads from the files beside the model. Without it, a model that has such files is refused. */
  readonly readExternal?: ExternalReader
}

/** Parses a whole model. Throws OnnxFormatError with the reason if the bytes are not one. */
export function readOnnx(bytes: Uint8Array, { readExternal }: ReadOptions = {}): OnnxModel {
  return refusing(() => toModel(fromBinary(ModelProtoSchema, bytes), readExternal))
}

function toModel(model: ModelProto, readExternal: ExternalReader | undefined): OnnxModel {
  const { graph } = model
  if (graph === undefined) throw new OnnxFormatError('the file holds no graph, so it is no ONNX model')
  const opset = model.opsetImport.find((o) => o.domain === '' || o.domain === 'ai.onnx')
  if (opset === undefined)
    throw new OnnxFormatError('the model does not tell which version of the operators it uses')
  if (graph.sparseInitializer.length > 0) throw new OnnxFormatError('sparse initializers are not supported')
  const initializers = new Map<string, Tensor>()
  const external = new Map<string, DeferredTensor>()
  for (const t of graph.initializer) {
    const place = `initializer "${t.name}"`
    if (isExternal(t)) external.set(t.name, externalTensor(t, toType(t, place), readExternal, place))
    else initializers.set(t.name, toTensor(t, place))
  }
  return {
    name: graph.name,
    opset: Number(opset.version),
    producer: model.producerName,
    inputs: graph.input.filter(({ name }) => !initializers.has(name) && !external.has(name)).map(toValueInfo),
    outputs: graph.output.map(toValueInfo),
    nodes: graph.node.map(toNode),
    initializers,
    external,
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
  }
}

function toNode(node: NodeProto): OnnxNode {
  const { opType, domain, name, input, output, attribute } = node
  if (opType === '') throw new OnnxFormatError(`node "${name}" names no operator`)
  const attributes = new Map(
    attribute.map((a) => [a.name, toAttribute(a, `attribute "${a.name}" of ${opType} "${name}"`)]),
  )
  return { opType, domain, name, inputs: input, outputs: output, attributes }
}

function toAttribute(attribute: AttributeProto, place: string): OnnxAttributeValue {
  const type = AttributeProto_AttributeType
  switch (attribute.type) {
    case type.FLOAT:
      return attribute.f
    case type.INT:
      return Number(attribute.i)
    case type.STRING:
      return toText(attribute.s, place)
    case type.TENSOR:
      if (attribute.t === undefined) throw new OnnxFormatError(`${place} has no tensor`)
      return toTensor(attribute.t, place)
    case type.FLOATS:
      return attribute.floats
    case type.INTS:
      return attribute.ints.map(Number)
    case type.STRINGS:
      return attribute.strings.map((s) => toText(s, place))
    case type.UNDEFINED:
    case type.GRAPH:
    case type.GRAPHS:
    case type.TENSORS:
    case type.SPARSE_TENSOR:
    case type.SPARSE_TENSORS:
    case type.TYPE_PROTO:
    case type.TYPE_PROTOS:
      throw new OnnxFormatError(`${place} is of kind ${attribute.type}, which is not supported`)
    default:
      // A file can hold any number here.
      throw new OnnxFormatError(`${place} is of the unknown kind ${String(attribute.type satisfies never)}`)
  }
}

function toText(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new OnnxFormatError(`${place} is not text`)
  }
}

function toType(
  { dataType, dims, segment }: TensorProto,
  place: string,
): { readonly dtype: DType; readonly shape: readonly number[] } {
  if (segment !== undefined) throw new OnnxFormatError(`${place} is cut into segments`)
  const dtype = toDType(dataType, place)
  const shape = dims.map(Number)
  if (shape.some((d) => d < 0)) throw new OnnxFormatError(`${place} has the shape [${shape.join(', ')}]`)
  return { dtype, shape }
}

function toTensor(t: TensorProto, place: string): Tensor {
  if (isExternal(t)) throw new OnnxFormatError(`${place} keeps its data in another file`)
  const { dtype, shape } = toType(t, place)
  const size = sizeOf(shape)
  if (t.rawData.length > 0 || size === 0) {
    if (t.rawData.length !== size * bytesOf(dtype)) {
      throw new OnnxFormatError(`${place} has ${t.rawData.length} bytes for ${size} elements of ${dtype}`)
    }
    return tensorOfBytes(t.rawData, shape, dtype)
  }
  const fields = { float32: t.floatData, float64: t.doubleData, int64: t.int64Data } as const
  const values: readonly (number | bigint)[] =
    dtype === 'float32' || dtype === 'float64' || dtype === 'int64' ? fields[dtype] : t.int32Data
  if (values.length !== size) throw new OnnxFormatError(`${place} has ${values.length} elements, not ${size}`)
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(values, BigInt) }
  // float16 is kept as its bits, in a field of integers.
  const data =
    dtype === 'float16'
      ? Uint16Array.from(values, Number)
      : fromNumbers(Float64Array.from(values, Number), dtype)
  return { dtype, shape, data }
}

function toValueInfo({ name, type }: ValueInfoProto): OnnxValueInfo {
  const place = `"${name}"`
  if (type?.value.case !== 'tensorType') throw new OnnxFormatError(`${place} is not a tensor`)
  const { elemType, shape } = type.value.value
  const dtype = toDType(elemType, place)
  if (shape === undefined) return { name, dtype }
  const dims = shape.dim.map(({ value }): Dim => {
    if (value.case === 'dimValue') return Number(value.value)
    return value.case === 'dimParam' && value.value !== '' ? value.value : '?'
  })
  return { name, dtype, shape: dims }
}

function toDType(number: number, place: string): DType {
  const found = (Object.keys(onnxTypes) as DType[]).find((dtype) => onnxTypes[dtype] === number)
  if (found === undefined)
    throw new OnnxFormatError(`${place} has the element type ${number}, which is not supported`)
  return found
}
