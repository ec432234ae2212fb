/** Writes protobuf fields by hand, wrong ones too. */

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

/** A field with a length: bytes or text. */
export function field(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return concat(varint(number * 8 + 2), varint(bytes.length), bytes)
}

/** A whole number, as int64. */
export function varintField(number: number, value: number): Uint8Array {
  return concat(varint(number * 8), varint(value))
}

function varint(value: number): Uint8Array {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
  return Uint8Array.from([...bytes, Number(rest)])
}

/** The field of an ONNX model that says which operators it is made of. */
export const operatorSet = field(8, varintField(2, 20))
