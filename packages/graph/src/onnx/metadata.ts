/** Reads and replaces the metadata of a model without decoding the rest. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { refusing } from './format-error.ts'
import { ModelProtoSchema, StringStringEntryProtoSchema, type StringStringEntryProto } from './onnx_pb.ts'
import { contentOf, join, modelRecords, recordParts } from './wire.ts'

const metadataField = ModelProtoSchema.field.metadataProps.number

/** Entries of `metadata_props`, sorted by key. */
export function metadataEntries(metadata: Readonly<Record<string, string>>): StringStringEntryProto[] {
  return Object.keys(metadata)
    .sort()
    .map((key) => create(StringStringEntryProtoSchema, { key, value: metadata[key]! }))
}

/** The metadata of a model. Throws OnnxFormatError if the bytes are none. */
export function readOnnxMetadata(bytes: Uint8Array): Record<string, string> {
  return refusing(() => {
    const entries = modelRecords(bytes)
      .filter((record) => record.field === metadataField)
      .map((record) => fromBinary(StringStringEntryProtoSchema, contentOf(record)))
    return Object.fromEntries(entries.map(({ key, value }) => [key, value]))
  })
}

/**
 * The same model with exactly this metadata, written after everything else. To keep entries, spread what
 * readOnnxMetadata gives. Throws OnnxFormatError if the bytes are no model.
 */
export function setOnnxMetadata(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): Uint8Array {
  const kept = refusing(() => modelRecords(bytes)).filter(({ field }) => field !== metadataField)
  return join([
    ...kept.map(({ start, end }) => bytes.subarray(start, end)),
    ...metadataEntries(metadata).flatMap((entry) =>
      recordParts(metadataField, [toBinary(StringStringEntryProtoSchema, entry)]),
    ),
  ])
}
