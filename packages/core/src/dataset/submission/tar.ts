/**
 * Writes tar archives as Python's `tarfile` does by default: ustar headers, with a pax header before a file
 * whose name is longer than 100 bytes or not ASCII.
 *
 * Files only, each owned by nobody and dated 1970, so that equal files give equal archives.
 */

export interface TarEntry {
  /** Path inside the archive, with forward slashes. */
  readonly name: string
  /** Bytes of `content` in all; if it has another number, the file changed, and writing stops. */
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
}

const blockBytes = 512
/** Archives end at a whole record of twenty blocks. */
const recordBytes = 20 * blockBytes

/** The bytes of an archive, piece by piece; the next entry is opened when the one before is written. */
export async function* writeTar(
  entries: Iterable<TarEntry> | AsyncIterable<TarEntry>,
): AsyncGenerator<Uint8Array> {
  let written = 0
  for await (const { name, size, content } of entries) {
    const head = headOf(name, size)
    yield head
    let length = 0
    for await (const piece of content) {
      length += piece.length
      yield piece
    }
    if (length !== size) throw new Error(`${name} has ${length} bytes now, not ${size}`)
    const filling = new Uint8Array(missingTo(blockBytes, size))
    yield filling
    written += head.length + size + filling.length
  }
  yield new Uint8Array(2 * blockBytes + missingTo(recordBytes, written + 2 * blockBytes))
}

function headOf(name: string, size: number): Uint8Array {
  // A size beyond 8 GiB has no room in eleven octal digits.
  if (size >= 8 ** 11) throw new Error(`${name} is too large for a tar archive`)
  const plain = name.replaceAll(/\P{ASCII}/gu, '?')
  const header = ustarHeader(plain.slice(0, nameBytes), size, '0', 0o644)
  if (plain === name && name.length <= nameBytes) return header
  const record = paxRecord('path', name)
  return joined([
    ustarHeader('././@PaxHeader', record.length, 'x', 0),
    record,
    new Uint8Array(missingTo(blockBytes, record.length)),
    header,
  ])
}

const nameBytes = 100

/** Where the fields lie: name 0, mode 100, user 108, group 116, size 124, time 136, sum 148, type 156, magic 257. */
function ustarHeader(name: string, size: number, type: '0' | 'x', mode: number): Uint8Array {
  const header = new Uint8Array(blockBytes)
  const put = (at: number, text: string): void => header.set(encoder.encode(text), at)
  put(0, name)
  put(100, `${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`)
  put(124, `${octal(size, 11)}\0${octal(0, 11)}\0`)
  // The sum of all bytes, those of the sum itself taken as spaces.
  put(148, '        ')
  put(156, type)
  put(257, 'ustar\x0000')
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(148, `${octal(sum, 6)}\0 `)
  return header
}

/** `length key=value\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Uint8Array {
  const rest = encoder.encode(` ${key}=${value}\n`)
  let length = rest.length
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return joined([encoder.encode(String(length)), rest])
}

const encoder = new TextEncoder()

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

/** Bytes from `length` to the next whole multiple of `unit`. */
function missingTo(unit: number, length: number): number {
  return (unit - (length % unit)) % unit
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
