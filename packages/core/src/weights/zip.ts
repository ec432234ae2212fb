/**
 * Reads single entries out of a zip archive, of which only the directory at the end is held in memory.
 *
 * Written for PyTorch checkpoints (APPNOTE.TXT 6.3: stored and deflated entries, zip64), where entries have
 * gigabytes and parts of them are wanted. Sizes come from the central directory and are checked against the
 * file, against each other and, for deflated entries, while inflating. No encryption, no split archives.
 */
import { Inflate } from 'fflate'

import { reasonOf } from '@assay/contract'

import type { ByteSource } from './byte-source.ts'
import { crc32 } from './crc32.ts'
import { printable, unreadable } from './fault.ts'
import { limits } from './limits.ts'

export interface ZipEntry {
  readonly name: string
  readonly method: 'stored' | 'deflated'
  /** Bytes of the content. */
  readonly size: number
}

export interface Zip {
  readonly entries: ReadonlyMap<string, ZipEntry>
  /**
   * The whole content of an entry, its checksum verified, or `length` bytes from `offset`. A part of a stored
   * entry is read by itself (and its checksum left alone); a deflated one is always inflated whole.
   */
  read(entry: ZipEntry, offset?: number, length?: number): Promise<Uint8Array>
}

interface FullEntry extends ZipEntry {
  readonly packedSize: number
  readonly crc: number
  readonly headerOffset: number
  readonly rawName: Uint8Array
}

const signature = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
}

/** Reads the archive's directory. Anything that does not add up is WEIGHTS_UNREADABLE. */
export async function openZip(source: ByteSource): Promise<Zip> {
  const directory = await findDirectory(source)
  const entries = readDirectory(source, directory, await source.read(directory.offset, directory.size))
  let inflated: { readonly entry: ZipEntry; readonly bytes: Uint8Array } | undefined

  return {
    entries,
    async read(entry, offset = 0, length = entry.size - offset) {
      const record = entries.get(entry.name)
      if (record === undefined) throw new Error(`internal: "${entry.name}" is not an entry of this archive`)
      if (offset < 0 || length < 0 || offset + length > record.size)
        throw unreadable(
          source.name,
          `bytes ${offset} to ${offset + length} are outside its entry "${printable(entry.name)}"`,
        )
      const start = await locate(source, record)
      if (record.method === 'stored') {
        const bytes = await source.read(start + offset, length)
        if (length === record.size) verify(source, record, bytes)
        return bytes
      }
      // The last one is kept: views of one storage are usually read one after the other.
      if (inflated?.entry !== record) {
        inflated = undefined
        inflated = {
          entry: record,
          bytes: inflate(source, record, await source.read(start, record.packedSize)),
        }
      }
      return inflated.bytes.subarray(offset, offset + length)
    },
  }
}

interface Directory {
  readonly offset: number
  readonly size: number
  readonly count: number
}

/** Finds the end record, which is followed by nothing but a comment, and its zip64 form where fields overflow. */
async function findDirectory(source: ByteSource): Promise<Directory> {
  const tailLength = Math.min(source.size, 22 + 0xffff)
  const tail = viewOf(await source.read(source.size - tailLength, tailLength))
  let end = tailLength - 22
  while (
    end >= 0 &&
    !(tail.getUint32(end, true) === signature.end && end + 22 + tail.getUint16(end + 20, true) === tailLength)
  )
    end--
  if (end < 0)
    throw unreadable(source.name, 'it is cut: the directory at the end of the zip archive is missing')

  let directory: Directory = {
    count: tail.getUint16(end + 10, true),
    size: tail.getUint32(end + 12, true),
    offset: tail.getUint32(end + 16, true),
  }
  const endOffset = source.size - tailLength + end
  let limit = endOffset
  if (directory.count === 0xffff || directory.size === 0xffffffff || directory.offset === 0xffffffff) {
    const locator = viewOf(await source.read(endOffset - 20, 20))
    if (locator.getUint32(0, true) !== signature.locator64)
      throw unreadable(source.name, 'its zip64 locator is missing')
    limit = bigField(source, locator, 8)
    const end64 = viewOf(await source.read(limit, 56))
    if (end64.getUint32(0, true) !== signature.end64)
      throw unreadable(source.name, 'its zip64 end record is missing')
    directory = {
      count: bigField(source, end64, 32),
      size: bigField(source, end64, 40),
      offset: bigField(source, end64, 48),
    }
  } else if (tail.getUint16(end + 4, true) !== 0)
    throw unreadable(source.name, 'it is one part of a split zip archive')

  if (directory.size > limits.zipDirectoryBytes || directory.count > limits.zipEntries)
    throw unreadable(
      source.name,
      `its zip directory claims ${directory.count} entries in ${directory.size} bytes`,
    )
  if (directory.offset + directory.size > limit)
    throw unreadable(source.name, 'its zip directory lies outside the file')
  return directory
}

function readDirectory(source: ByteSource, directory: Directory, bytes: Uint8Array): Map<string, FullEntry> {
  const view = viewOf(bytes)
  const utf8 = new TextDecoder()
  const entries = new Map<string, FullEntry>()
  let at = 0
  for (let i = 0; i < directory.count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== signature.central)
      throw unreadable(source.name, `its zip directory ends after ${i} of ${directory.count} entries`)
    const nameLength = view.getUint16(at + 28, true)
    const extraLength = view.getUint16(at + 30, true)
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true)
    if (next > bytes.length) throw unreadable(source.name, `its zip directory is cut in entry ${i}`)
    const rawName = bytes.subarray(at + 46, at + 46 + nameLength)
    const name = utf8.decode(rawName)

    const method = view.getUint16(at + 10, true)
    if (view.getUint16(at + 8, true) & 1)
      throw unreadable(source.name, `its entry "${printable(name)}" is encrypted`)
    if (method !== 0 && method !== 8)
      throw unreadable(
        source.name,
        `its entry "${printable(name)}" is packed in an unknown way (method ${method})`,
      )

    // Fields that do not fit 32 bits are all ones here and follow, in this order, in extra field 1.
    const extra = findExtra64(view, at + 46 + nameLength, extraLength)
    let extraAt = extra.offset
    const wide = (offset: number): number => {
      const value = view.getUint32(offset, true)
      if (value !== 0xffffffff) return value
      if (extraAt + 8 > extra.offset + extra.length)
        throw unreadable(source.name, `a size of its entry "${printable(name)}" is missing`)
      extraAt += 8
      return bigField(source, view, extraAt - 8)
    }
    const size = wide(at + 24)
    const packedSize = wide(at + 20)
    const headerOffset = wide(at + 42)

    if (method === 0 && size !== packedSize)
      throw unreadable(source.name, `its entry "${printable(name)}" has two sizes`)
    // Deflate cannot do better than 1032 to 1; a larger claim would only make us allocate.
    if (method === 8 && (size > limits.inflatedBytes || size > packedSize * 1032))
      throw unreadable(
        source.name,
        `its entry "${printable(name)}" claims to inflate from ${packedSize} to ${size} bytes`,
      )
    if (entries.has(name)) throw unreadable(source.name, `it has two entries "${printable(name)}"`)
    const crc = view.getUint32(at + 16, true)
    entries.set(name, {
      name,
      rawName,
      method: method === 0 ? 'stored' : 'deflated',
      size,
      packedSize,
      crc,
      headerOffset,
    })
    at = next
  }
  refuseOverlaps(source, directory, entries)
  return entries
}

/** Entries that share bytes are how a small archive pretends to be a huge one. */
function refuseOverlaps(
  source: ByteSource,
  directory: Directory,
  entries: ReadonlyMap<string, FullEntry>,
): void {
  const sorted = [...entries.values()].sort((a, b) => a.headerOffset - b.headerOffset)
  sorted.forEach((record, i) => {
    const end = record.headerOffset + 30 + record.rawName.length + record.packedSize
    if (end > (sorted[i + 1]?.headerOffset ?? directory.offset))
      throw unreadable(source.name, `its entry "${printable(record.name)}" runs into what follows it`)
  })
}

function findExtra64(
  view: DataView,
  offset: number,
  length: number,
): { readonly offset: number; readonly length: number } {
  for (let at = offset; at + 4 <= offset + length;) {
    const size = view.getUint16(at + 2, true)
    if (view.getUint16(at, true) === 1 && at + 4 + size <= offset + length)
      return { offset: at + 4, length: size }
    at += 4 + size
  }
  return { offset, length: 0 }
}

/** Where an entry's content begins: behind its local header, which has lengths of its own. */
async function locate(source: ByteSource, record: FullEntry): Promise<number> {
  const header = await source.read(record.headerOffset, 30 + record.rawName.length)
  const view = viewOf(header)
  const isSame =
    view.getUint32(0, true) === signature.local &&
    view.getUint16(26, true) === record.rawName.length &&
    record.rawName.every((byte, i) => header[30 + i] === byte)
  if (!isSame)
    throw unreadable(source.name, `its zip directory and its entry "${printable(record.name)}" do not agree`)
  return record.headerOffset + 30 + record.rawName.length + view.getUint16(28, true)
}

/** Inflates piece by piece, so that more output than announced stops it at once. */
function inflate(source: ByteSource, record: FullEntry, packed: Uint8Array): Uint8Array {
  const out = new Uint8Array(record.size)
  const what = `its entry "${printable(record.name)}"`
  let done = 0
  const stream = new Inflate((piece) => {
    if (done + piece.length > out.length)
      throw unreadable(source.name, `${what} inflates to more than ${record.size} bytes`)
    out.set(piece, done)
    done += piece.length
  })
  try {
    const step = 16 * 1024
    for (let at = 0; at < packed.length; at += step)
      stream.push(packed.subarray(at, at + step), at + step >= packed.length)
  } catch (error) {
    if (error instanceof Error && error.name === 'AssayError') throw error
    throw unreadable(source.name, `${what} cannot be inflated (${reasonOf(error)})`, error)
  }
  if (done !== out.length)
    throw unreadable(source.name, `${what} inflates to ${done} bytes instead of ${record.size}`)
  verify(source, record, out)
  return out
}

function verify(source: ByteSource, record: FullEntry, bytes: Uint8Array): void {
  // torch.serialization.set_crc32_options(False) leaves all checksums at 0.
  if (record.crc !== 0 && crc32(bytes) !== record.crc)
    throw unreadable(source.name, `the checksum of its entry "${printable(record.name)}" is wrong`)
}

function bigField(source: ByteSource, view: DataView, offset: number): number {
  const value = view.getBigUint64(offset, true)
  if (value > BigInt(Number.MAX_SAFE_INTEGER))
    throw unreadable(source.name, 'a zip64 size is beyond all measure')
  return Number(value)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
