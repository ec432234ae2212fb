/** Archives in the ustar form, written and read as they flow. Only plain files with short names. */

export interface TarEntry {
  readonly name: string
  readonly bytes: number
  /** To be read to its end before the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>
}

const block = 512
const mostName = 100
/** Eleven octal digits. */
const mostBytes = 8 ** 11 - 1

export async function* writeTar(
  entries: AsyncIterable<TarEntry>,
  at: Date,
): AsyncGenerator<Uint8Array, void> {
  for await (const { name, bytes, content } of entries) {
    yield headerOf(name, bytes, at)
    let written = 0
    for await (const chunk of content) {
      written += chunk.length
      yield chunk
    }
    if (written !== bytes) throw new Error(`internal: ${name} has ${written} bytes instead of ${bytes}`)
    yield new Uint8Array(-bytes & (block - 1))
  }
  // Two empty blocks say that nothing is missing.
  yield new Uint8Array(2 * block)
}

/** Throws an Error that says what is wrong with the archive, also when it ends too early. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void> {
  const reader = createReader(source)
  for (;;) {
    const header = await reader.read(block)
    if (header.every((byte) => byte === 0)) return
    const { name, bytes } = parseHeader(header)
    let left = bytes
    const content = async function* (): AsyncGenerator<Uint8Array, void> {
      while (left > 0) {
        const chunk = await reader.some(left)
        left -= chunk.length
        yield chunk
      }
    }
    yield { name, bytes, content: content() }
    // What was not wanted is passed over.
    while (left > 0) left -= (await reader.some(left)).length
    await reader.read(-bytes & (block - 1))
  }
}

function headerOf(name: string, bytes: number, at: Date): Uint8Array {
  if (Buffer.byteLength(name) > mostName || bytes > mostBytes)
    throw new Error(`internal: ${name} of ${bytes} bytes does not fit into an archive`)
  const header = Buffer.alloc(block)
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o600, 7), 100)
  header.write(octal(0, 7), 108)
  header.write(octal(0, 7), 116)
  header.write(octal(bytes, 11), 124)
  header.write(octal(Math.floor(at.getTime() / 1000), 11), 136)
  header.write('0', 156)
  header.write('ustar\x0000', 257, 'latin1')
  header.write(`${octal(sumOf(header), 6)} `, 148)
  return header
}

function parseHeader(header: Buffer): { readonly name: string; readonly bytes: number } {
  const text = (from: number, length: number): string =>
    header.toString('utf8', from, from + length).split('\0', 1)[0] ?? ''
  if (Number.parseInt(text(148, 8), 8) !== sumOf(header)) throw new Error('it is damaged, or no archive')
  const type = text(156, 1)
  if (type !== '0') throw new Error(`it holds something that is no file: ${text(0, mostName)}`)
  return { name: text(0, mostName), bytes: Number.parseInt(text(124, 12), 8) }
}

/** The sum of a header's bytes, those of the sum itself taken as spaces. */
function sumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0)
}

interface Reader {
  /** Exactly so many bytes. */
  read(bytes: number): Promise<Buffer>
  /** At least one and at most so many. */
  some(most: number): Promise<Uint8Array>
}

function createReader(source: AsyncIterable<Uint8Array>): Reader {
  const chunks = source[Symbol.asyncIterator]()
  let held: Uint8Array = new Uint8Array()
  const some = async (most: number): Promise<Uint8Array> => {
    while (held.length === 0) {
      const next = await chunks.next()
      if (next.done === true) throw new Error('it ends too early')
      held = next.value
    }
    const part = held.subarray(0, most)
    held = held.subarray(part.length)
    return part
  }
  return {
    some,
    read: async (bytes) => {
      const parts: Uint8Array[] = []
      let left = bytes
      while (left > 0) {
        const part = await some(left)
        parts.push(part)
        left -= part.length
      }
      return Buffer.concat(parts)
    },
  }
}
