/**
 * The folder of the built page. In a checkout it is built at the first start, into the cache, and again when its
 * sources have changed; a build of one's own in packages/studio/dist is taken as it is.
 */
import { execFile } from 'node:child_process'
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Log } from '../log.ts'

export interface PageOptions {
  readonly cache: string
  readonly log: Log
  readonly signal?: AbortSignal | undefined
}

const packages = fileURLToPath(new URL('../../../', import.meta.url))
const studio = join(packages, 'studio')
/** What a build is made of. */
const sources = [join(studio, 'src'), join(packages, 'contract', 'src')]

/** Null when there is none and none can be built; the log says why. */
export async function findPage({ cache, log, signal }: PageOptions): Promise<string | null> {
  const own = join(studio, 'dist')
  if (await isThere(join(own, 'index.html'))) return own
  if (!(await isThere(join(studio, 'index.html')))) {
    log.warning('the page is not part of this installation')
    return null
  }
  const shelf = join(cache, 'page')
  const newest = Math.max(...(await Promise.all([...sources, join(studio, 'index.html')].map(newestIn))))
  const folder = join(shelf, String(Math.floor(newest)))
  if (await isThere(join(folder, 'index.html'))) return folder
  try {
    await rm(shelf, { recursive: true, force: true })
    await mkdir(shelf, { recursive: true })
    await build(`${folder}.new`, signal)
    await rename(`${folder}.new`, folder)
    return folder
  } catch (error) {
    signal?.throwIfAborted()
    log.warning('the page could not be built', { error })
    return null
  }
}

async function build(folder: string, signal: AbortSignal | undefined): Promise<void> {
  // vite belongs to the page's own tools; a server without them has a built page.
  const manifest = createRequire(join(studio, 'package.json')).resolve('vite/package.json')
  const vite = join(dirname(manifest), 'bin', 'vite.js')
  const args = [vite, 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error']
  await promisify(execFile)(process.execPath, args, {
    cwd: studio,
    ...(signal === undefined ? {} : { signal }),
  })
}

/** When the newest file in it was changed, in milliseconds. */
async function newestIn(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.mtimeMs
  const entries = await readdir(path)
  const times = await Promise.all(entries.map((name) => newestIn(join(path, name))))
  return Math.max(found.mtimeMs, ...times)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
