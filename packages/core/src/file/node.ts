/**
 * Files by path: the only way of the rooms that also run in a browser to the file system.
 *
 * `web.ts` is the other side, chosen by the bundler through `#file` in package.json; what both have is here.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { open, readFile as readWhole, realpath } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

/** A file open for reading at any place. */
export interface OpenFile extends AsyncDisposable {
  readonly size: number
  /** False for folders and devices. */
  readonly isFile: boolean
  /** Reads at most `length` bytes from `position` on into `into` at `offset`; gives how many came. */
  read(into: Uint8Array, offset: number, length: number, position: number): Promise<number>
}

/** A file of one's own that is written at its end and read anywhere, all at once; it is gone when disposed. */
export interface SpillFile extends Disposable {
  write(bytes: Uint8Array, position: number): void
  read(into: Uint8Array, position: number): void
}

/** All bytes of a file. Errors are those of the system, with its codes. */
export async function readFile(place: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  return readWhole(place)
}

/** SHA-256 of a file, read bit by bit. */
export async function hashFile(place: string): Promise<Uint8Array> {
  const hash = createHash('sha256')
  await pipeline(fs.createReadStream(place), hash)
  return hash.digest()
}

export async function openFile(place: string): Promise<OpenFile> {
  const handle = await open(place, 'r')
  try {
    const stat = await handle.stat()
    return {
      size: stat.size,
      isFile: stat.isFile(),
      read: async (into, offset, length, position) =>
        (await handle.read(into, offset, length, position)).bytesRead,
      [Symbol.asyncDispose]: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The path that a name in a file means, from the folder of that file. */
export function besidePath(file: string, name: string): string {
  return path.resolve(path.dirname(file), name)
}

/**
 * The real path of what a name in a file means, with all links followed; null where that leads out of the file's
 * own folder. Rejects where there is nothing.
 */
export async function findInside(file: string, name: string): Promise<string | null> {
  const folder = await realpath(path.dirname(file))
  const found = await realpath(path.join(folder, name))
  return found.startsWith(folder.endsWith(path.sep) ? folder : folder + path.sep) ? found : null
}

export function openSpillFile(place: string): SpillFile {
  const file = fs.openSync(place, 'w+')
  return {
    write: (bytes, position) => void fs.writeSync(file, bytes, 0, bytes.length, position),
    read: (into, position) => void fs.readSync(file, into, 0, into.length, position),
    [Symbol.dispose]: () => {
      fs.closeSync(file)
      fs.rmSync(place, { force: true })
    },
  }
}
