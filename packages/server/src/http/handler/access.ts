/** Signing in and out, tokens, and the log of changes. */
import { Readable } from 'node:stream'
import { AssayError } from '@assay/contract'
import { writeBackup } from '../../backup/index.ts'
import type { Services } from '../../services.ts'
import type { Handlers } from '../call.ts'
import { clearCookies, setCookie } from '../identity.ts'

const sessionDays = 7
const dayMs = 86_400_000

type AccessHandlers = Pick<
  Handlers,
  | 'openSession'
  | 'readSession'
  | 'closeSession'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken'
  | 'listAudit'
  | 'backup'
>

export function createAccessHandlers({ stores, database, blobs, config }: Services): AccessHandlers {
  const { access, audit } = stores
  return {
    openSession: async ({ body, request, reply }) => {
      const who = await access.findToken(body.token)
      if (who === null) throw new AssayError('TOKEN_INVALID', {})
      const expiresAt = new Date(Date.now() + sessionDays * dayMs)
      const { cookie, csrf } = await access.openSession(who, expiresAt)
      setCookie(request, reply, cookie, expiresAt)
      return { name: who.name, role: who.role, csrf, expiresAt: expiresAt.toISOString() }
    },
    readSession: async ({ who: { name, role, session } }) => ({
      name,
      role,
      csrf: session?.csrf ?? null,
      expiresAt: session?.expiresAt.toISOString() ?? null,
    }),
    closeSession: async ({ who, reply }) => {
      if (who.session !== null) await access.closeSession(who.session.hash)
      clearCookies(reply)
    },
    listTokens: async () => ({ items: await access.listTokens() }),
    createToken: async ({ body: { name, role, days }, newId }) => {
      const expiresAt = days === undefined ? null : new Date(Date.now() + days * dayMs)
      const { row, token } = await access.createToken({ id: newId, name, role, expiresAt })
      return { ...row, token }
    },
    revokeToken: async ({ params }) => access.revokeToken(params.token),
    listAudit: async ({ query }) => audit.list(query),
    backup: async () => ({
      type: 'application/x-tar',
      content: Readable.from(writeBackup({ database, blobs, scratch: config.scratch }), {
        objectMode: false,
      }),
      saveAs: `assay-studio-${new Date().toISOString().slice(0, 10)}.tar`,
    }),
  }
}
