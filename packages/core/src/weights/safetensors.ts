/**
 * The safetensors format: eight bytes of header length, a JSON header, then the numbers end to end.
 *
 * Read as the format's own description demands: offsets cover the data without gap or overlap. Element types
 * that the graph lacks (int8, int16, the unsigned and the 8-bit float ones) are refused.
 */
import { reasonOf } from '@assay/contract'
import type { Tensor } from '@assay/graph'

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

const types: ReadonlyMap<string, StoredType> = new Map([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
])

/** Whether the first bytes of a file can be those of a safetensors file. */
export function looksLikeSafetensors(head: Uint8Array): boolean {
  // The header is a JSON object and has far less than 2^32 bytes.
  return head.length >= 9 && head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0)
}

/** Opens a safetensors file; numbers are read tensor by tensor. */
export async function openSafetensors(source: ByteSource): Promise<Checkpoint> {
  const first = await source.read(0, 8)
  const headerBytes = Number(new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true))
  if (headerBytes > limits.safetensorsHeaderBytes)
    throw unreadable(source.name, `its header claims ${headerBytes} bytes`)
  const header = parseHeader(await source.read(8, headerBytes), source.name)
  const dataStart = 8 + headerBytes

  const lazy = new Map<string, LazyTensor>()
  const ranges: (readonly [start: number, end: number])[] = []
  let metadata: Readonly<Record<string, string>> = {}
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      metadata = parseMetadata(value, source.name)
      continue
    }
    const { stored, shape, start, end } = parseEntry(name, value, source.name)
    ranges.push([start, end])
    lazy.set(name, {
      dtype: tensorType(stored),
      shape,
      read: async () =>
        readElements(await source.read(dataStart + start, end - start), stored, shape, rowMajor(shape)),
    })
  }
  checkCovered(ranges, source.size - dataStart, source.name)
  return createCheckpoint('safetensors', source, lazy, { metadata })
}

/**
 * Writes tensors as a safetensors file. The bytes depend on names, numbers and metadata only: entries keep
 * the given order, and the header is padded with spaces to a multiple of eight bytes.
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const codes = new Map([...types].map(([code, stored]) => [stored, code]))
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  for (const [name, { dtype, shape, data }] of tensors) {
    header[name] = { dtype: codes.get(dtype), shape, data_offsets: [offset, offset + data.byteLength] }
    offset += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerBytes = Math.ceil(json.length / 8) * 8
  const out = new Uint8Array(8 + headerBytes + offset)
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true)
  out.fill(0x20, 8, 8 + headerBytes)
  out.set(json, 8)
  let at = 8 + headerBytes
  for (const { data } of tensors.values()) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return out
}

function parseHeader(bytes: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw unreadable(path, `its header is not JSON (${printable(reasonOf(error))})`, error)
  }
  if (!isObject(header)) throw unreadable(path, 'its header is not a JSON object')
  return header
}

function parseMetadata(value: unknown, path: string): Readonly<Record<string, string>> {
  if (!isObject(value) || !Object.values(value).every((text) => typeof text === 'string'))
    throw unreadable(path, 'its metadata is not a table of texts')
  // Checked above.
  return value as Readonly<Record<string, string>>
}

function parseEntry(
  name: string,
  value: unknown,
  path: string,
): {
  readonly stored: StoredType
  readonly shape: readonly number[]
  readonly start: number
  readonly end: number
} {
  const fault = (reason: string): Error => unreadable(path, `its entry "${printable(name)}" ${reason}`)
  if (name.length > limits.tensorNameLength) throw fault('has too long a name')
  if (!isObject(value)) throw fault('is not an object')
  const stored = typeof value['dtype'] === 'string' ? types.get(value['dtype']) : undefined
  if (stored === undefined)
    throw fault(`has the type ${printable(JSON.stringify(value['dtype']) ?? 'undefined')}, which is not read`)
  const shape = value['shape']
  if (!isIndices(shape) || shape.length > limits.dimensions) throw fault('has no proper shape')
  const offsets = value['data_offsets']
  if (!isIndices(offsets) || offsets.length !== 2) throw fault('has no proper offsets')
  const [start, end] = offsets as [number, number]
  if (end - start !== countElements(shape) * elementBytes(stored))
    throw fault(`has ${end - start} bytes for shape [${shape.join(', ')}]`)
  return { stored, shape, start, end }
}

function checkCovered(ranges: (readonly [start: number, end: number])[], size: number, path: string): void {
  let covered = 0
  for (const [start, end] of ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (start !== covered)
      throw unreadable(path, `its data has a gap or an overlap at byte ${Math.min(start, covered)}`)
    covered = end
  }
  if (covered !== size)
    throw unreadable(path, `its header describes ${covered} bytes of data, but ${size} follow`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isIndices(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.every((n) => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0)
  )
}
