/**
 * Walks a protobuf message field by field where it lies in the file, without reading what it passes over.
 *
 * The wire format as in protobuf's "Encoding" page: varints, 4 and 8 bytes, and pieces with a length. Groups,
 * which only proto2 has and ONNX does not use, are refused.
 */
import type { ByteSource } from './byte-source.ts'
import { unreadable } from './fault.ts'
import { limits } from './limits.ts'

/** Bytes `[start, end)` of the file. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** One field of a message: a number, or the bytes it takes. */
type Field = { readonly number: number } & (
  | { readonly kind: 'varint'; readonly value: bigint }
  | { readonly kind: 'piece'; readonly span: Span }
  | { readonly kind: 'fixed'; readonly span: Span }
)

export interface ProtobufWalker {
  /** The fields of the message at `message`, in the order of the file. */
  fields(message: Span): AsyncGenerator<Field>
  /** The bytes of a piece, of which there are at most so many. */
  bytes(piece: Span, most: number): Promise<Uint8Array>
  /** The same as text. */
  text(piece: Span, most: number): Promise<string>
}

/** Bytes that are read ahead; the head of a field has at most twenty. */
const windowBytes = 4096
const headBytes = 20

/** All messages walked share one allowance of fields, so that no file keeps the reader busy for long. */
export function createProtobufWalker(source: ByteSource): ProtobufWalker {
  const fault = (reason: string): Error => unreadable(source.name, `its protobuf is damaged: ${reason}`)
  let window: { readonly start: number; readonly bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) }
  let walked = 0

  /** Makes sure that the head of a field at `at` can be read without waiting. */
  const load = async (at: number): Promise<void> => {
    const isHeld =
      at >= window.start && Math.min(at + headBytes, source.size) <= window.start + window.bytes.length
    if (isHeld) return
    window = { start: at, bytes: await source.read(at, Math.min(windowBytes, source.size - at)) }
  }
  const varint = (start: number, end: number): { value: bigint; next: number } => {
    let value = 0n
    for (let i = 0; i < 10; i++) {
      const byte = start + i < end ? window.bytes[start + i - window.start] : undefined
      if (byte === undefined) throw fault(`a field runs over the end of its message at byte ${end}`)
      value |= BigInt(byte & 127) << BigInt(7 * i)
      if (byte < 128) return { value: BigInt.asUintN(64, value), next: start + i + 1 }
    }
    throw fault(`a number without end at byte ${start}`)
  }
  const bytes = async ({ start, end }: Span, most: number): Promise<Uint8Array> => {
    if (end - start > most) throw fault(`${end - start} bytes at byte ${start}, where ${most} are the most`)
    return source.read(start, end - start)
  }

  return {
    bytes,
    async *fields(message) {
      for (let at = message.start; at < message.end;) {
        if (++walked > limits.onnxFields) throw fault(`more than ${limits.onnxFields} fields`)
        await load(at)
        const tag = varint(at, message.end)
        const number = Number(tag.value >> 3n)
        const wire = Number(tag.value & 7n)
        if (number === 0 || number > 0x1fffffff) throw fault(`field number ${number} at byte ${at}`)
        if (wire === 0) {
          const { value, next } = varint(tag.next, message.end)
          at = next
          yield { number, kind: 'varint', value }
          continue
        }
        if (wire !== 1 && wire !== 2 && wire !== 5) throw fault(`wire type ${wire} at byte ${at}`)
        const length =
          wire === 2 ? varint(tag.next, message.end) : { value: BigInt(wire === 1 ? 8 : 4), next: tag.next }
        if (length.value > BigInt(message.end - length.next))
          throw fault(`a field runs over the end of its message at byte ${message.end}`)
        const span = { start: length.next, end: length.next + Number(length.value) }
        at = span.end
        yield { number, kind: wire === 2 ? 'piece' : 'fixed', span }
      }
    },
    async text(piece, most) {
      const raw = await bytes(piece, most)
      try {
        return new TextDecoder('utf-8', { fatal: true }).decode(raw)
      } catch {
        throw fault(`text that is not UTF-8 at byte ${piece.start}`)
      }
    },
  }
}

/** Varints end to end, as signed 64-bit numbers; undefined unless there are exactly `count`. */
export function readPackedVarints(bytes: Uint8Array, count: number): BigInt64Array<ArrayBuffer> | undefined {
  const out = new BigInt64Array(count)
  let at = 0
  for (let i = 0; i < count; i++) {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined || shift > 63n) return undefined
      value |= BigInt(byte & 127) << shift
      if (byte < 128) break
    }
    out[i] = BigInt.asIntN(64, value)
  }
  return at === bytes.length ? out : undefined
}
