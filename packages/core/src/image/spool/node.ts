/** Spools in a file of the temporary folder, for Node. The other side of `#spool` is `web.ts`. */
import { AssayError, reasonOf } from '@assay/contract'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { spoolSamples } from '../codec/sharp.ts'
import { sampleKindOf, toDecoderError } from '../header.ts'
import { pngEndBytes, requirePngEnd } from '../png-end.ts'
import { readSourceEnd } from '../source.ts'
import type { OpenSpool } from './spool.ts'

/** Bytes in front of the samples in a file of libvips. */
const headerBytes = 64

export const openSpool: OpenSpool | null = async (source, layout, name) => {
  if (layout.format === 'png') requirePngEnd(await readSourceEnd(source, pngEndBytes, name), name)
  const folder = await mkdtemp(path.join(tmpdir(), 'assay-')).catch((error: unknown) => {
    throw notWritable(tmpdir(), error)
  })
  try {
    const file = path.join(folder, 'samples.v')
    await spoolSamples(source, sampleKindOf(layout), file).catch((error: unknown) => {
      // What libvips says about the file that it writes names that file.
      throw reasonOf(error).includes(file) ? notWritable(file, error) : toDecoderError(error, name)
    })
    const handle = await open(file, 'r')
    return {
      read: async (into, position) => {
        const { bytesRead } = await handle.read(into, 0, into.length, headerBytes + position)
        if (bytesRead !== into.length) throw new Error('internal: a decoded picture became shorter')
      },
      [Symbol.asyncDispose]: async () => {
        await handle.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

function notWritable(target: string, error: unknown): AssayError {
  return new AssayError('OUTPUT_NOT_WRITABLE', { path: target, reason: reasonOf(error) }, { cause: error })
}
