/**
 * Records of a protobuf message, found and replaced without decoding what is in them.
 *
 * A file of hundreds of megabytes keeps every other byte, and is copied once.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { OnnxFormatError } from './format-error.ts'
import { GraphProtoSchema, ModelProtoSchema } from './onnx_pb.ts'

export const graphField: number = ModelProtoSchema.field.graph.number
export const initializerField: number = GraphProtoSchema.field.initializer.number

export interface WireRecord {
  readonly field: number
  readonly wireType: WireType
  /** Where it lies in the message, from its tag on. */
  readonly start: number
  readonly end: number
  /** What follows the tag, with its length. */
  readonly body: Uint8Array
}

/** Whatever the reader stumbles over comes out as it is; see `refusing`. */
export function recordsOf(message: Uint8Array): readonly WireRecord[] {
  const reader = new BinaryReader(message)
  const found: WireRecord[] = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [field, wireType] = reader.tag()
    const body = reader.skip(wireType, field)
    found.push({ field, wireType, start, end: reader.pos, body })
  }
  return found
}

/** Records of a model file. Throws OnnxFormatError if none of them is a graph. */
export function modelRecords(bytes: Uint8Array): readonly WireRecord[] {
  const records = recordsOf(bytes)
  if (!records.some(({ field }) => field === graphField))
    throw new OnnxFormatError('the file holds no graph, so it is no ONNX model')
  return records
}

/** The bytes of an embedded message. Throws OnnxFormatError if the record is of another kind. */
export function contentOf({ field, wireType, body }: WireRecord): Uint8Array {
  if (wireType !== WireType.LengthDelimited) throw new OnnxFormatError(`field ${field} is not readable`)
  return new BinaryReader(body).bytes()
}

/** The parts of a record that embeds `content`. */
export function recordParts(field: number, content: readonly Uint8Array[]): Uint8Array[] {
  const header = new BinaryWriter().tag(field, WireType.LengthDelimited).uint64(lengthOf(content)).finish()
  return [header, ...content]
}

/** The parts of a message in which one record embeds other contents. */
export function replaceContent(
  message: Uint8Array,
  { field, start, end }: WireRecord,
  content: readonly Uint8Array[],
): Uint8Array[] {
  return [message.subarray(0, start), ...recordParts(field, content), message.subarray(end)]
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(lengthOf(parts))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}
