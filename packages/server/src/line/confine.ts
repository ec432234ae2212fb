/** Which folders may be watched: those below the roots that the server was started with, wherever links lead. */
import { AssayError } from '@assay/contract'
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'

/** The real path of `folder`, which is below or at a root. Throws FOLDER_OUTSIDE. */
export async function confineFolder(folder: string, roots: readonly string[]): Promise<string> {
  const outside = new AssayError('FOLDER_OUTSIDE', { path: folder })
  const [first] = roots
  // What is not absolute is meant from the first root.
  if (first === undefined || folder.includes('\0')) throw outside
  const real = await realpath(isAbsolute(folder) ? folder : resolve(first, folder)).catch(() => null)
  if (real === null || !(await stat(real)).isDirectory()) throw outside
  for (const root of roots) {
    const realRoot = await realpath(root).catch(() => null)
    if (realRoot !== null && isBelow(real, realRoot)) return real
  }
  throw outside
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}
