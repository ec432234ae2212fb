/**
 * Finished models as editable protobuf: who makes a tensor, who reads it, what is constant.
 *
 * The passes of this room change files of any origin, so they work on ONNX as it was written and not on our own
 * graphs: whatever they do not touch stays as it is, element types unknown to this package included.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { onnxTypes } from '../onnx/data-type.ts'
import type { DType } from '../dtype.ts'
import { sizeOf } from '../dtype.ts'
import { fromFloat16Bits } from '../float16.ts'
import { isExternal } from '../onnx/external.ts'
import { OnnxFormatError, refusing } from '../onnx/format-error.ts'
import {
  ModelProtoSchema,
  TensorProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from '../onnx/onnx_pb.ts'
import { tensorOfBytes } from '../onnx/raw-data.ts'
import { nodeProto } from '../onnx/write.ts'
import type { OnnxAttribute } from '../op/define.ts'

/** Chooses initializers by their names. */
export type NameTest = (name: string) => boolean

/** A graph with what the passes ask of it; look-ups are those of the graph as it was read. */
export interface Edit {
  readonly graph: GraphProto
  /** The node that makes a tensor; undefined for inputs and initializers. */
  readonly makers: ReadonlyMap<string, NodeProto>
  readonly readers: ReadonlyMap<string, readonly NodeProto[]>
  readonly initializers: ReadonlyMap<string, TensorProto>
  /** A name that no tensor has. */
  readonly freshName: (stem: string) => string
  /** Adds an initializer of raw bytes and gives its name back. */
  readonly addConstant: (constant: RawConstant) => string
}

interface RawConstant {
  readonly name: string
  /** As numbered by ONNX. */
  readonly dataType: number
  readonly shape: readonly number[]
  readonly data: Float32Array | Uint16Array | Int32Array | Int8Array | Uint8Array
}

/** The model after `change`, without nodes and initializers that nothing needs. Throws OnnxFormatError if it is none. */
export function editModel(bytes: Uint8Array, change: (edit: Edit) => void): Uint8Array {
  return refusing(() => {
    const model = fromBinary(ModelProtoSchema, bytes)
    const { graph } = model
    if (graph === undefined) throw new OnnxFormatError('the file holds no graph, so it is no ONNX model')
    change(openGraph(graph))
    prune(graph)
    return toBinary(ModelProtoSchema, model)
  })
}

/** The same look-ups for passes that only read. */
export function readGraph(bytes: Uint8Array): Edit {
  return refusing(() => {
    const { graph } = fromBinary(ModelProtoSchema, bytes)
    if (graph === undefined) throw new OnnxFormatError('the file holds no graph, so it is no ONNX model')
    return openGraph(graph)
  })
}

function openGraph(graph: GraphProto): Edit {
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const)))
  const readers = new Map<string, NodeProto[]>()
  for (const node of graph.node)
    for (const name of new Set(node.input)) {
      const known = readers.get(name)
      if (known === undefined) readers.set(name, [node])
      else known.push(node)
    }
  const initializers = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]))
  const taken = new Set([...makers.keys(), ...initializers.keys(), ...graph.input.map((i) => i.name)])
  const freshName = (stem: string): string => {
    let name = stem
    for (let i = 1; taken.has(name); i++) name = `${stem}_${i}`
    taken.add(name)
    return name
  }
  const addConstant = ({ name, dataType, shape, data }: RawConstant): string => {
    const fresh = freshName(name)
    const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    graph.initializer.push(
      create(TensorProtoSchema, { name: fresh, dataType, dims: shape.map(BigInt), rawData }),
    )
    return fresh
  }
  return { graph, makers, readers, initializers, freshName, addConstant }
}

export function makeNode(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): NodeProto {
  return nodeProto({ opType, inputs, outputs: [output], attributes, required: 1 })
}

/** The initializer that a tensor is, or is but for casts; undefined for one that is computed. */
export function constantBehind({ makers, initializers }: Edit, name: string): TensorProto | undefined {
  const maker = makers.get(name)
  if (maker === undefined) return initializers.get(name)
  const [source] = maker.input
  return maker.opType === 'Cast' && source !== undefined ? initializers.get(source) : undefined
}

/** Inputs 1 of these operators are the weights, inputs 2 the bias. */
const weighted: readonly string[] = ['Conv', 'Gemm', 'MatMul']

/** The weights of a convolution or a linear layer, if they are constant and `isWeight` takes them. */
export function weightsOf(edit: Edit, node: NodeProto, isWeight: NameTest): TensorProto | undefined {
  const [, weights] = node.input
  if (!weighted.includes(node.opType) || node.domain !== '' || weights === undefined) return undefined
  const constant = constantBehind(edit, weights)
  return constant !== undefined && isWeight(constant.name) ? constant : undefined
}

export function shapeOf({ dims }: TensorProto): readonly number[] {
  return dims.map(Number)
}

export function isOf(tensor: TensorProto, dtype: DType): boolean {
  return tensor.dataType === onnxTypes[dtype]
}

/** The values of a float32 or float16 tensor; undefined for other types and for data in another file. */
export function floatsOf(tensor: TensorProto): Float32Array | undefined {
  const { rawData, floatData } = tensor
  const shape = shapeOf(tensor)
  if (isExternal(tensor)) return undefined
  if (isOf(tensor, 'float32')) {
    if (rawData.length === 0) return Float32Array.from(floatData)
    return tensorOfBytes(checked(tensor, 4), shape, 'float32').data as Float32Array
  }
  if (!isOf(tensor, 'float16') || (rawData.length === 0 && sizeOf(shape) > 0)) return undefined
  return Float32Array.from(
    tensorOfBytes(checked(tensor, 2), shape, 'float16').data as Uint16Array,
    fromFloat16Bits,
  )
}

function checked(tensor: TensorProto, width: number): Uint8Array {
  const { rawData, name } = tensor
  if (rawData.length !== sizeOf(shapeOf(tensor)) * width)
    throw new OnnxFormatError(`initializer "${name}" has ${rawData.length} bytes, not those of its shape`)
  return rawData
}

/** Takes away what no output needs. */
function prune(graph: GraphProto): void {
  const needed = new Set(graph.output.map(({ name }) => name))
  const kept: NodeProto[] = []
  for (const node of graph.node.toReversed()) {
    if (!node.output.some((name) => needed.has(name))) continue
    for (const name of node.input) needed.add(name)
    kept.push(node)
  }
  graph.node = kept.reverse()
  graph.initializer = graph.initializer.filter(({ name }) => needed.has(name))
}
