/**
 * Reads multipart/form-data: files into staged ones, bounded in number, bytes and slowness, with nothing kept until
 * the handler keeps it.
 */
import { AssayError, reasonOf } from '@assay/contract'
import type { Body } from '@assay/contract/api'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import type { BlobStore } from '../blob/index.ts'
import type { Limits } from '../config.ts'
import { toFileName } from '../store/index.ts'
import type { Upload, UploadedFile } from './call.ts'
import { watchRate } from './patience.ts'

export interface UploadOptions {
  readonly most: (Body & { kind: 'files' })['most']
  /** Bytes of one file. */
  readonly fileBytes: number
  readonly limits: Limits
  readonly blobs: BlobStore
}

export interface OpenUpload extends Upload, AsyncDisposable {}

/** Throws REQUEST_INVALID, UPLOAD_TOO_LARGE, UPLOAD_TOO_SLOW. With `most: 'many'` a large file is its own fault. */
export async function readUpload(request: FastifyRequest, options: UploadOptions): Promise<OpenUpload> {
  const { most, limits } = options
  if (!request.isMultipart()) throw invalid('content-type', 'files come as multipart/form-data')
  const length = Number(request.headers['content-length'] ?? 0)
  if (length > limits.requestBytes) throw tooLarge('The request', limits.requestBytes)
  const files: UploadedFile[] = []
  const discard = async (): Promise<void> => {
    for (const { staged } of files) await staged?.[Symbol.asyncDispose]()
  }
  const rate = watchRate(request, limits)
  try {
    const fields = await readParts(request, options, files, rate.tooSlow)
    if (files.length === 0) throw invalid('the parts', 'none is a file; files are parts with the name "file"')
    const [first] = files
    if (most === 'one' && first?.error !== null) throw first?.error
    return { files, fields, [Symbol.asyncDispose]: discard }
  } catch (error) {
    await discard()
    // Ours, and those of the plug-in, say what they are; what is left is of the parser.
    if (error instanceof AssayError || (error instanceof Error && 'statusCode' in error)) throw error
    throw invalid('the body', reasonOf(error), error)
  } finally {
    rate.stop()
  }
}

async function readParts(
  request: FastifyRequest,
  { most, fileBytes, limits, blobs }: UploadOptions,
  files: UploadedFile[],
  tooSlow: Promise<never>,
): Promise<Record<string, string>> {
  const fields = new Map<string, string>()
  const most1 = most === 'one' ? 1 : limits.files
  const bounds = { fileSize: fileBytes + 1, files: most1, fields: 16, fieldSize: 4096, fieldNameSize: 100 }
  let left = limits.requestBytes
  const count = async function* (file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of until(file, tooSlow)) {
      left -= chunk.length
      if (left < 0) throw tooLarge('The request', limits.requestBytes)
      yield chunk
    }
  }
  const stage = async ({ file, filename }: MultipartFile): Promise<UploadedFile> => {
    const name = toFileName(filename)
    try {
      return { name, staged: await blobs.stage(count(file), { limit: fileBytes, name }), error: null }
    } catch (error) {
      if (left < 0 || isSlow(error)) throw error
      // The rest of it is read and forgotten, so that the next part can come.
      file.resume()
      return { name, staged: null, error }
    }
  }
  const parts = request.parts({ limits: { ...bounds, parts: most1 + 16, headerPairs: 50 } })
  for await (const part of until(parts, tooSlow)) {
    if (part.type === 'file') {
      if (part.fieldname !== 'file') throw invalid('the parts', 'files are parts with the name "file"')
      files.push(await stage(part))
    } else {
      if (part.valueTruncated || part.fieldnameTruncated) throw invalid('the fields', 'one is too long')
      if (fields.has(part.fieldname)) throw invalid('the fields', `"${part.fieldname}" is there twice`)
      const value = String(part.value)
      if (value.includes('\0'))
        throw invalid('the fields', `"${part.fieldname}" holds a character that no text has`)
      fields.set(part.fieldname, value)
    }
  }
  return Object.fromEntries(fields)
}

/** What comes until `stop` rejects; a source that is waited for then is left alone. */
async function* until<T>(source: AsyncIterable<T>, stop: Promise<never>): AsyncGenerator<T, void> {
  const items = source[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([items.next(), stop])
    if (next.done === true) return
    yield next.value
  }
}

function isSlow(error: unknown): boolean {
  return error instanceof AssayError && error.code === 'UPLOAD_TOO_SLOW'
}

function invalid(where: string, reason: string, cause?: unknown): AssayError {
  return new AssayError('REQUEST_INVALID', { where, reason }, { cause })
}

function tooLarge(name: string, bytes: number): AssayError {
  return new AssayError('UPLOAD_TOO_LARGE', { name, limit: `${bytes} bytes` })
}
