/**
 * The initialisers of an ONNX model as a checkpoint; nodes are passed over.
 *
 * Read where they lie (field numbers as in onnx.proto): raw bytes, typed fields, and numbers in files beside the
 * model. Left out: tensors in segments, sparse tensors, element types that the graph lacks.
 */
import type { ByteSource } from './byte-source.ts'
import { createCheckpoint, type Checkpoint, type LazyTensor } from './checkpoint.ts'
import {
  countElements,
  elementBytes,
  readElements,
  rowMajor,
  tensorType,
  type StoredType,
} from './elements.ts'
import { printable, unreadable } from './fault.ts'
import { limits } from './limits.ts'
import { findExternal } from './onnx-external.ts'
import { createProtobufWalker, readPackedVarints, type ProtobufWalker, type Span } from './protobuf.ts'

const graphField = 7
const operatorSetField = 8
const initialiserField = 5
const tensorField = {
  dims: 1,
  dataType: 2,
  segment: 3,
  floatData: 4,
  int32Data: 5,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  externalData: 13,
  dataLocation: 14,
} as const

interface ElementType {
  readonly stored: StoredType
  /** The typed field that may hold the numbers instead of raw bytes. */
  readonly field: number
}

/** By the numbers of TensorProto.DataType. */
const types: ReadonlyMap<number, ElementType> = new Map([
  [1, { stored: 'float32', field: tensorField.floatData }],
  [2, { stored: 'uint8', field: tensorField.int32Data }],
  [6, { stored: 'int32', field: tensorField.int32Data }],
  [7, { stored: 'int64', field: tensorField.int64Data }],
  [9, { stored: 'bool', field: tensorField.int32Data }],
  [10, { stored: 'float16', field: tensorField.int32Data }],
  [11, { stored: 'float64', field: tensorField.doubleData }],
  [16, { stored: 'bfloat16', field: tensorField.int32Data }],
])

/** Whether the first bytes of a file can be those of an ONNX model: every writer puts the IR version first. */
export function looksLikeOnnx(head: Uint8Array): boolean {
  return head[0] === 0x08
}

/** Opens the initialisers of the main graph; numbers are read tensor by tensor. */
export async function openOnnx(source: ByteSource): Promise<Checkpoint> {
  const walker = createProtobufWalker(source)
  const lazy = new Map<string, LazyTensor>()
  // A file that is cut behind a field is whole as protobuf; the operator sets come after the graph.
  const seen = new Set<number>()
  let isSelfContained = true
  for await (const part of walker.fields({ start: 0, end: source.size })) {
    seen.add(part.number)
    if (part.number !== graphField || part.kind !== 'piece') continue
    for await (const field of walker.fields(part.span)) {
      if (field.number !== initialiserField || field.kind !== 'piece') continue
      const proto = await readProto(walker, field.span, source.name)
      if (proto.name === '' || lazy.has(proto.name))
        throw unreadable(
          source.name,
          `it has two initialisers "${printable(proto.name)}", or one without a name`,
        )
      if (lazy.size === limits.onnxTensors)
        throw unreadable(source.name, `it has more than ${limits.onnxTensors} initialisers`)
      isSelfContained &&= !proto.isExternal
      lazy.set(proto.name, await toLazy(source, proto))
    }
  }
  if (!seen.has(graphField) || !seen.has(operatorSetField))
    throw unreadable(source.name, 'it is cut, or no ONNX model: it lacks a graph or its operator sets')
  return createCheckpoint('onnx', source, lazy, { isSelfContained })
}

/** A TensorProto as it stands in the file; nothing about it is believed yet. */
interface TensorProto {
  name: string
  dims: bigint[]
  dataType: number
  isExternal: boolean
  /** Why it is not read, if so. */
  oddity: string | undefined
  /** The field with the numbers. */
  data: { readonly field: number; readonly span: Span } | undefined
  readonly external: Map<string, string>
}

async function readProto(walker: ProtobufWalker, message: Span, path: string): Promise<TensorProto> {
  const proto: TensorProto = {
    name: '',
    dims: [],
    dataType: 0,
    isExternal: false,
    oddity: undefined,
    data: undefined,
    external: new Map(),
  }
  for await (const field of walker.fields(message)) {
    switch (field.number) {
      case tensorField.dims:
        proto.dims.push(...(field.kind === 'varint' ? [field.value] : await readDims(walker, field.span)))
        if (proto.dims.length > limits.dimensions)
          throw unreadable(path, `it has an initialiser with more than ${limits.dimensions} dimensions`)
        break
      case tensorField.dataType:
        if (field.kind === 'varint') proto.dataType = Number(field.value)
        break
      case tensorField.dataLocation:
        proto.isExternal = field.kind === 'varint' && field.value === 1n
        break
      case tensorField.segment:
        proto.oddity = 'is one segment of a tensor'
        break
      case tensorField.name:
        if (field.kind === 'piece') proto.name = await walker.text(field.span, limits.tensorNameLength)
        break
      case tensorField.externalData:
        if (field.kind === 'piece') await readPair(walker, field.span, proto.external)
        break
      case tensorField.rawData:
      case tensorField.floatData:
      case tensorField.int32Data:
      case tensorField.int64Data:
      case tensorField.doubleData:
        // Every writer packs; number by number would take a field for each.
        if (field.kind !== 'piece' || proto.data !== undefined) proto.oddity = 'has its numbers in pieces'
        else proto.data = { field: field.number, span: field.span }
        break
      default:
        break
    }
  }
  return proto
}

/** Packed dimensions, of which nobody says how many there are: each ends in a byte below 128. */
async function readDims(walker: ProtobufWalker, span: Span): Promise<bigint[]> {
  const bytes = await walker.bytes(span, limits.dimensions * 10)
  return [...(readPackedVarints(bytes, bytes.filter((byte) => byte < 128).length) ?? [-1n])]
}

/** A StringStringEntryProto. */
async function readPair(walker: ProtobufWalker, span: Span, into: Map<string, string>): Promise<void> {
  let key = ''
  let value = ''
  for await (const field of walker.fields(span)) {
    if (field.kind !== 'piece') continue
    if (field.number === 1) key = await walker.text(field.span, limits.externalTextBytes)
    if (field.number === 2) value = await walker.text(field.span, limits.externalTextBytes)
  }
  into.set(key, value)
}

/** Checks a tensor against the bytes it claims. */
async function toLazy(source: ByteSource, proto: TensorProto): Promise<LazyTensor> {
  const fault = (reason: string): Error =>
    unreadable(source.name, `its initialiser "${printable(proto.name)}" ${reason}`)
  if (proto.oddity !== undefined) throw fault(proto.oddity)
  const type = types.get(proto.dataType)
  if (type === undefined) throw fault(`has the element type ${proto.dataType}, which is not read`)
  const { stored } = type
  const shape = proto.dims.map(Number)
  if (!shape.every((side) => Number.isSafeInteger(side) && side >= 0)) throw fault('has no proper shape')
  const count = countElements(shape)
  const bytes = count * elementBytes(stored)
  const info = { dtype: tensorType(stored), shape }
  const made = (raw: Uint8Array): ReturnType<typeof readElements> =>
    readElements(raw, stored, shape, rowMajor(shape))

  if (proto.isExternal) {
    const read = await findExternal(source, proto.external, bytes, fault)
    return { ...info, read: async () => made(await read()) }
  }
  const { field, span } = proto.data ?? { field: tensorField.rawData, span: { start: 0, end: 0 } }
  const length = span.end - span.start
  const isFixed =
    field === tensorField.rawData || field === tensorField.floatData || field === tensorField.doubleData
  if (field !== tensorField.rawData && field !== type.field) throw fault('has numbers of another type')
  if (isFixed ? length !== bytes : length < count || length > count * 10)
    throw fault(`has ${length} bytes for shape [${shape.join(', ')}]`)
  if (isFixed) return { ...info, read: async () => made(await source.read(span.start, length)) }
  return {
    ...info,
    read: async () => {
      const numbers = readPackedVarints(await source.read(span.start, length), count)
      if (numbers === undefined)
        throw fault(`has another number of elements than shape [${shape.join(', ')}]`)
      return made(narrow(numbers, elementBytes(stored)))
    },
  }
}

/** The low bytes of each number, end to end: how int32_data holds the small types. */
function narrow(numbers: BigInt64Array<ArrayBuffer>, width: number): Uint8Array {
  const wide = new Uint8Array(numbers.buffer)
  if (width === 8) return wide
  const out = new Uint8Array(numbers.length * width)
  for (let i = 0; i < out.length; i++) out[i] = wide[Math.floor(i / width) * 8 + (i % width)]!
  return out
}
