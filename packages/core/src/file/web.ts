/**
 * Files in a browser: what `node.ts` reads from a disk is fetched here, so a path is an address.
 *
 * Nothing can be written.
 */
import { sha256Of } from '../sha256.ts'
import type { OpenFile, SpillFile } from './node.ts'

/** Pages and workers have a location, which Node has not. */
const scope = globalThis as unknown as { readonly location: { readonly href: string } }

/** All bytes behind an address, relative ones from the page, in a worker from its script. A missing file has the code ENOENT. */
export async function readFile(place: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(place)
  if (response.status === 404) throw Object.assign(new Error('there is no such file'), { code: 'ENOENT' })
  if (!response.ok) throw new Error(`the server answered with HTTP status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

export async function hashFile(path: string): Promise<Uint8Array> {
  return sha256Of(await readFile(path))
}

/** Fetches the whole file: servers need not know ranges. */
export async function openFile(path: string): Promise<OpenFile> {
  const bytes = await readFile(path)
  return {
    size: bytes.length,
    isFile: true,
    read: (into, offset, length, position) => {
      const part = bytes.subarray(position, position + length)
      into.set(part, offset)
      return Promise.resolve(part.length)
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

/** The address that a name in a file means. */
export function besidePath(file: string, name: string): string {
  return new URL(name, new URL(file, scope.location.href)).href
}

/** Files in several parts are not opened here: give their bytes in one. */
export function findInside(_file: string, name: string): Promise<string | null> {
  return Promise.reject(new Error(`a browser does not look for ${name}`))
}

/** A browser has no disk to go to; its callers keep to the memory. */
export function openSpillFile(path: string): SpillFile {
  throw new Error(`there is no file ${path} in a browser`)
}
