/**
 * Reads and replaces the metadata of a model without decoding the rest.
 *
 * Works on the records of the outermost message alone, so that a file of any size keeps every other byte.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { OnnxFormatError, refusing } from './format-error.ts'
import { ModelProtoSchema, StringStringEntryProtoSchema, type StringStringEntryProto } from './onnx_pb.ts'

const graphField = ModelProtoSchema.field.graph.number
const metadataField = ModelProtoSchema.field.metadataProps.number

/** Entries of `metadata_props`, sorted by key. */
export function metadataEntries(metadata: Readonly<Record<string, string>>): StringStringEntryProto[] {
  return Object.keys(metadata)
    .sort()
    .map((key) => create(StringStringEntryProtoSchema, { key, value: metadata[key]! }))
}

/** The metadata of a model. Throws OnnxFormatError if the bytes are none. */
export function readOnnxMetadata(bytes: Uint8Array): Record<string, string> {
  const entries = records(bytes)
    .filter((record) => record.field === metadataField)
    .map(({ body }) =>
      refusing(() => fromBinary(StringStringEntryProtoSchema, new BinaryReader(body).bytes())),
    )
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
}

/**
 * The same model with exactly this metadata, written after everything else. To keep entries, spread what
 * readOnnxMetadata gives. Throws OnnxFormatError if the bytes are no model.
 */
export function setOnnxMetadata(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const writer = new BinaryWriter()
  for (const { field, whole } of records(bytes)) if (field !== metadataField) writer.raw(whole)
  for (const entry of metadataEntries(metadata)) {
    writer.tag(metadataField, WireType.LengthDelimited).bytes(toBinary(StringStringEntryProtoSchema, entry))
  }
  return writer.finish()
}

interface WireRecord {
  readonly field: number
  /** The record with its tag. */
  readonly whole: Uint8Array
  /** What follows the tag, with its length. */
  readonly body: Uint8Array
}

function records(bytes: Uint8Array): readonly WireRecord[] {
  return refusing(() => {
    const reader = new BinaryReader(bytes)
    const found: WireRecord[] = []
    while (reader.pos < reader.len) {
      const start = reader.pos
      const [field, wireType] = reader.tag()
      if (field === metadataField && wireType !== WireType.LengthDelimited) {
        throw new OnnxFormatError('the metadata are not readable')
      }
      const body = reader.skip(wireType, field)
      found.push({ field, whole: bytes.subarray(start, reader.pos), body })
    }
    if (!found.some((record) => record.field === graphField)) {
      throw new OnnxFormatError('the file holds no graph, so it is no ONNX model')
    }
    return found
  })
}
