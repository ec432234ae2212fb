/** Faults as application/problem+json (RFC 9457). What is not one of ours says nothing of the inside. */
import { AssayError } from '@assay/contract'

export const problemType = 'application/problem+json'

/** Ours as it is; those of Fastify and its plug-ins in our words; null for a fault of the server. */
export function toAssayError(error: unknown): AssayError | null {
  if (error instanceof AssayError) return error
  if (!(error instanceof Error) || !('statusCode' in error)) return null
  const code = 'code' in error ? String(error.code) : ''
  const reason = error.message.replace(/\.$/, '')
  switch (error.statusCode) {
    case 413:
      return new AssayError(
        'UPLOAD_TOO_LARGE',
        { name: 'The request', limit: limitOf(code) },
        { cause: error },
      )
    case 415:
      return new AssayError('REQUEST_INVALID', { where: 'content-type', reason }, { cause: error })
    case 400:
    case 406:
    case 431:
      return new AssayError('REQUEST_INVALID', { where: placeOf(code), reason }, { cause: error })
    case 503:
      return new AssayError('STUDIO_STOPPING', {}, { cause: error })
    default:
      return null
  }
}

function limitOf(code: string): string {
  switch (code) {
    case 'FST_FILES_LIMIT':
      return 'the number of files that may come at once'
    case 'FST_PARTS_LIMIT':
    case 'FST_FIELDS_LIMIT':
      return 'the number of parts that it may have'
    default:
      return 'what is taken'
  }
}

function placeOf(code: string): string {
  if (code.startsWith('FST_ERR_CTP')) return 'the body'
  if (code === 'FST_ERR_BAD_URL') return 'the address'
  return 'the request'
}
