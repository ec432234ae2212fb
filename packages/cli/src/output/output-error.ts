/** A refusal of the file system to write, as an error that names the file and the reason in words. */
import { AssayError, reasonOf } from '@assay/contract'

/** The error of ours for a failed write, or null when it is something else. `path` is what was to be written. */
export function toOutputError(error: unknown, path?: string): AssayError | null {
  if (error instanceof AssayError) return error
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  const reason = reasons[error.code]
  if (reason === undefined && path === undefined) return null
  const named = path ?? ('path' in error && typeof error.path === 'string' ? error.path : 'the output')
  return new AssayError(
    'OUTPUT_NOT_WRITABLE',
    { path: named, reason: reason ?? reasonOf(error) },
    { cause: error },
  )
}

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file would be larger than the file system allows',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'it is not permitted',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'there is a folder of that name',
  ENAMETOOLONG: 'the name is too long',
}
