/** Writes whole files or none: under another name first, then renamed. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { AssayError } from '@assay/contract'
import { toOutputError } from './output-error.ts'

/** Makes sure, before any long work, that files can be written in this folder; makes it if it is missing. */
export async function requireFolder(folder: string): Promise<void> {
  const probe = join(folder, `.assay-${randomBytes(6).toString('hex')}`)
  await writing(folder, async () => {
    await mkdir(folder, { recursive: true })
    try {
      const handle = await open(probe, 'wx')
      await handle.close()
    } finally {
      await rm(probe, { force: true })
    }
  })
}

/** The same for a folder of reports; a page that somebody else made is not overwritten. */
export async function requireReportFolder(folder: string): Promise<void> {
  await requireFolder(folder)
  const page = join(folder, 'index.html')
  const head = await readHead(page, 2000)
  if (head.length > 0 && !Buffer.from(head).includes('content="Assay"')) {
    throw new AssayError('OUTPUT_EXISTS', { path: page })
  }
}

/** Writes a file whole, with the folders above it. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path).slice(0, 60)}.${randomBytes(6).toString('hex')}.part`,
  )
  await writing(path, async () => {
    await mkdir(dirname(path), { recursive: true })
    try {
      const handle = await open(temporary, 'wx')
      try {
        await handle.writeFile(content)
      } finally {
        await handle.close()
      }
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined)
      throw error
    }
  })
}

/** Refuses to put a model where some other file is. An ONNX file begins with its version field. */
export async function requireModelPlace(path: string): Promise<void> {
  const there = await stat(path).catch(() => null)
  if (there === null || (there.isFile() && there.size === 0)) return
  if (there.isDirectory()) {
    throw new AssayError('OUTPUT_NOT_WRITABLE', {
      path,
      reason: 'there is a folder of that name; give a file, such as model.onnx in it',
    })
  }
  if (!there.isFile()) return
  const [first] = await readHead(path, 1)
  if (first !== undefined && first !== firstByteOfOnnx) throw new AssayError('OUTPUT_EXISTS', { path })
}

/** The first bytes of a file; none if it cannot be read. */
async function readHead(path: string, bytes: number): Promise<Uint8Array> {
  const handle = await open(path).catch(() => null)
  if (handle === null) return new Uint8Array(0)
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: new Uint8Array(bytes), position: 0 })
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** Field 1 of the message ModelProto, `ir_version`, as a varint. */
const firstByteOfOnnx = 0x08

async function writing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw toOutputError(error, path) ?? error
  }
}
