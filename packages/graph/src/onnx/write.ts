/**
 * Writes a graph as an ONNX model.
 *
 * Every operator emits its own nodes. The bytes depend on the graph alone: names are counted, equal constants
 * are shared, map entries are sorted. Tensors are written as raw little-endian data.
 */
import { create, toBinary } from '@bufbuild/protobuf'
import { check } from '../check.ts'
import type { Tensor } from '../dtype.ts'
import type { Graph } from '../graph.ts'
import type { Emitter, OnnxAttribute } from '../op/define.ts'
import type { TensorType, Value } from '../value.ts'
import { onnxTypes } from './data-type.ts'
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
  type ModelProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnx_pb.ts'
import { metadataEntries } from './metadata.ts'
import { bytesOfTensor } from './raw-data.ts'

export interface WriteOptions {
  /** Version of the standard operators, 20 or later. Default 20. */
  readonly opset?: number
  /** Goes to `metadata_props`, in alphabetical order. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly producer?: string
}

interface EmittedNode {
  readonly opType: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
  /** Outputs that must stay even when nothing reads them. */
  readonly required: number
}

/** The model's bytes. Checks the graph first. */
export function writeOnnx(
  graph: Graph,
  { opset = 20, metadata = {}, producer = 'assay' }: WriteOptions = {},
): Uint8Array {
  check(graph)
  if (opset < 20 || opset > 22) throw new Error(`internal: cannot write ONNX opset ${opset}, only 20 to 22`)
  const { nodes, initializers } = emitGraph(graph)
  const model: ModelProto = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [create(OperatorSetIdProtoSchema, { domain: '', version: BigInt(opset) })],
    producerName: producer,
    metadataProps: metadataEntries(metadata),
    graph: create(GraphProtoSchema, {
      name: graph.name,
      node: nodes.map(({ opType, inputs, outputs, attributes }) =>
        create(NodeProtoSchema, {
          opType,
          input: [...inputs],
          output: [...outputs],
          attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
        }),
      ),
      initializer: initializers,
      input: graph.inputs.map(({ name, value }) => valueInfo(name, value)),
      output: graph.outputs.map(({ name, value }) => valueInfo(name, value)),
    }),
  })
  return toBinary(ModelProtoSchema, model)
}

/** Emits all nodes, and gives outputs the names that the graph promises. */
function emitGraph(graph: Graph): {
  readonly nodes: readonly EmittedNode[]
  readonly initializers: TensorProto[]
} {
  const taken = new Set(
    [...graph.inputs, ...graph.outputs, ...graph.constants].flatMap(({ name }) => name ?? []),
  )
  let count = 0
  const freshName = (stem: string): string => {
    for (;;) {
      const name = `${stem}_${count++}`
      if (!taken.has(name)) return name
    }
  }
  const nodes: EmittedNode[] = []
  const initializers: TensorProto[] = []
  const shared = new Map<string, string>()
  const addInitializer = (tensor: Tensor, name: string): string => {
    initializers.push(tensorProto(tensor, name))
    return name
  }
  const shareConstant = (tensor: Tensor): string => {
    const key =
      tensor.data.length > 64
        ? undefined
        : `${tensor.dtype} ${tensor.shape.join()} ${bytesOfTensor(tensor).join()}`
    const found = key === undefined ? undefined : shared.get(key)
    if (found !== undefined) return found
    const name = addInitializer(tensor, freshName('constant'))
    if (key !== undefined) shared.set(key, name)
    return name
  }
  const addMany: Emitter['addMany'] = (opType, inputs, attributes, outputs) => {
    const trimmed = inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1)
    const names = Array.from({ length: outputs.count }, () => freshName(opType))
    nodes.push({ opType, inputs: trimmed, outputs: names, attributes, required: outputs.required })
    return names
  }
  const emitter: Emitter = {
    add: (opType, inputs, attributes = {}) =>
      addMany(opType, inputs, attributes, { count: 1, required: 1 })[0]!,
    addMany,
    constant: shareConstant,
    int64: (values) =>
      shareConstant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) }),
  }

  const names = new Map<Value, string>()
  for (const { name, value } of graph.inputs) names.set(value, name)
  for (const { name, value, tensor } of graph.constants) {
    names.set(value, name === undefined ? shareConstant(tensor) : addInitializer(tensor, name))
  }
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const made = op.emit(
      emitter,
      inputs.map((v) => names.get(v)!),
      attributes,
      { inputs, outputs },
    )
    outputs.forEach((value, i) => names.set(value, made[i]!))
  }
  return { nodes: nameOutputs(graph, names, nodes), initializers }
}

/** Renames what nodes call an output, drops optional outputs that nothing reads, and copies what has no node. */
function nameOutputs(
  graph: Graph,
  names: ReadonlyMap<Value, string>,
  nodes: readonly EmittedNode[],
): readonly EmittedNode[] {
  const made = new Set(nodes.flatMap((node) => node.outputs))
  const renamed = new Map<string, string>()
  const copies: EmittedNode[] = []
  for (const { name, value } of graph.outputs) {
    const own = names.get(value)!
    if (made.has(own) && !renamed.has(own)) renamed.set(own, name)
    else
      copies.push({
        opType: 'Identity',
        inputs: [renamed.get(own) ?? own],
        outputs: [name],
        attributes: {},
        required: 1,
      })
  }
  const read = new Set([
    ...nodes.flatMap((node) => node.inputs),
    ...renamed.keys(),
    ...copies.flatMap((c) => c.inputs),
  ])
  const rename = (name: string): string => renamed.get(name) ?? name
  const finished = nodes.map((node) => {
    const last = node.outputs.findLastIndex((name, i) => i < node.required || read.has(name))
    const outputs = node.outputs
      .slice(0, last + 1)
      .map((name, i) => (i < node.required || read.has(name) ? rename(name) : ''))
    return { ...node, inputs: node.inputs.map(rename), outputs }
  })
  return [...finished, ...copies]
}

function tensorProto(tensor: Tensor, name: string): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: onnxTypes[tensor.dtype],
    dims: tensor.shape.map(BigInt),
    rawData: bytesOfTensor(tensor),
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
    return create(AttributeProtoSchema, { name, type: type.TENSOR, t: tensorProto(value, '') })
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
