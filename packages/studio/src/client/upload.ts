/** Uploads pictures in portions, so that a folder of thousands is no single request and shows its progress. */
import type { ApiImage, UploadResult } from '@assay/contract/api'
import { call } from './request.ts'
import { toFault } from './fault.ts'

export interface NamedFile {
  readonly name: string
  readonly file: Blob
}

export interface UploadOptions {
  readonly product: string
  readonly bucket: 'good' | 'defect' | 'unsorted'
  readonly source?: 'upload' | 'camera'
  readonly split?: 'train' | 'test'
  readonly defect?: string
  readonly onProgress?: (done: number) => void
  readonly signal?: AbortSignal
}

export interface Uploaded {
  readonly added: readonly ApiImage[]
  readonly duplicates: number
  readonly refused: readonly { readonly name: string; readonly reason: string }[]
}

const portionFiles = 16
const portionBytes = 48 * 2 ** 20

export async function uploadPictures(files: readonly NamedFile[], options: UploadOptions): Promise<Uploaded> {
  const { product, bucket, source = 'upload', split, defect, onProgress, signal } = options
  const results: UploadResult['items'] = []
  let done = 0
  for (const portion of portionsOf(files)) {
    const body = new FormData()
    body.append('bucket', bucket)
    body.append('source', source)
    if (split !== undefined) body.append('split', split)
    if (defect !== undefined && bucket === 'defect') body.append('defect', defect)
    for (const { name, file } of portion) body.append('file', file, name)
    try {
      results.push(...(await call('uploadImages', { product, body, signal })).items)
    } catch (error) {
      // A portion that is too large as a whole, say: the others may still pass.
      if (portion.length === files.length) throw error
      const title = toFault(error).message
      const fault = { type: '', title, status: 0, code: '', hint: '', request: '' }
      results.push(...portion.map(({ name }) => ({ name, image: null, isDuplicate: false, error: fault })))
    }
    done += portion.length
    onProgress?.(done)
  }
  return {
    added: results.flatMap(({ image, isDuplicate }) => (image === null || isDuplicate ? [] : [image])),
    duplicates: results.filter(({ isDuplicate }) => isDuplicate).length,
    refused: results.flatMap(({ name, error }) => (error === null ? [] : [{ name, reason: error.title }])),
  }
}

function* portionsOf(files: readonly NamedFile[]): Generator<readonly NamedFile[]> {
  let portion: NamedFile[] = []
  let bytes = 0
  for (const file of files) {
    if (portion.length >= portionFiles || (portion.length > 0 && bytes + file.file.size > portionBytes)) {
      yield portion
      portion = []
      bytes = 0
    }
    portion.push(file)
    bytes += file.file.size
  }
  if (portion.length > 0) yield portion
}
