/** The blob store that the environment asks for. */
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import type { Config } from '../config.ts'
import type { BlobStore } from './blob.ts'
import { openFolderBlobs } from './folder.ts'
import { openS3Blobs } from './s3.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** With ASSAY_S3_URL an object store, else the folder. Throws OPTION_INVALID when the keys are missing. */
export function openBlobs({ folder, cache, scratch }: Config, env: Environment): BlobStore {
  const url = env['ASSAY_S3_URL']
  if (url === undefined || url === '') return openFolderBlobs({ folder: join(folder, 'blob'), scratch })
  const keyId = env['ASSAY_S3_KEY_ID']
  const secret = env['ASSAY_S3_SECRET']
  if (keyId === undefined || secret === undefined)
    throw new AssayError('OPTION_INVALID', {
      option: 'ASSAY_S3_URL',
      value: url,
      reason: 'ASSAY_S3_KEY_ID and ASSAY_S3_SECRET are needed beside it',
    })
  const region = env['ASSAY_S3_REGION'] ?? 'us-east-1'
  return openS3Blobs({ url, keyId, secret, region, scratch, cache: join(cache, 'blob') })
}
