/**
 * Who asks: by a token in the header, or by the cookie of a signed-in browser.
 *
 * A cookie is sent by the browser whoever wrote the page, so with one a request that changes something has to show
 * the secret of the session in a header and must not say that it comes from another site.
 */
import { timingSafeEqual } from 'node:crypto'
import { AssayError } from '@assay/contract'
import { roleNames, type Role } from '@assay/contract/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessStore, Identity } from '../store/access.ts'

const csrfHeader = 'x-assay-csrf'
/** A browser keeps the first kind only from a secure page of this very host. */
const cookieNames = { secure: '__Host-assay', plain: 'assay' } as const

/** Null when nobody has signed in. A token or cookie that is not valid throws TOKEN_INVALID. */
export async function identify(request: FastifyRequest, access: AccessStore): Promise<Identity | null> {
  const { authorization } = request.headers
  if (authorization !== undefined) {
    const token = /^Bearer ([\w.~+/=-]{16,200})$/i.exec(authorization)?.[1]
    const who = token === undefined ? null : await access.findToken(token)
    if (who === null) throw new AssayError('TOKEN_INVALID', {})
    return who
  }
  const cookie = request.cookies[cookieNames.secure] ?? request.cookies[cookieNames.plain]
  return cookie === undefined ? null : access.findSession(cookie)
}

/** A process of this machine that can read the data folder, and so has everything already. */
export const thisMachine: Identity = { token: '', name: 'this machine', role: 'admin', session: null }

export function isLocal(request: FastifyRequest, key: string | undefined): boolean {
  const isLoopback = /^(?:127\.|::1$|::ffff:127\.)/.test(request.socket.remoteAddress ?? '')
  return key !== undefined && isLoopback && isSame(request.headers.authorization ?? '', `Bearer ${key}`)
}

/** Throws TOKEN_INVALID or ROLE_TOO_LOW. */
export function requireRole(who: Identity | null, needed: Role | null): void {
  if (needed === null) return
  if (who === null) throw new AssayError('TOKEN_INVALID', {})
  if (roleNames.indexOf(who.role) < roleNames.indexOf(needed))
    throw new AssayError('ROLE_TOO_LOW', { role: who.role, needed })
}

/** Throws REQUEST_FOREIGN for a request that changes something and may come from a page of another site. */
export function requireOwnPage(request: FastifyRequest, who: Identity | null): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  // A token in a header is sent by no browser on its own.
  if (who !== null && who.session === null) return
  const refuse = (reason: string): never => {
    throw new AssayError('REQUEST_FOREIGN', { reason })
  }
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') refuse('the browser says so')
  const { origin } = request.headers
  if (origin !== undefined && origin !== `${request.protocol}://${request.host}`)
    refuse(`it comes from ${origin.slice(0, 100)}`)
  if (who === null || who.session === null) return
  const shown = request.headers[csrfHeader]
  if (typeof shown !== 'string' || !isSame(shown, who.session.csrf))
    refuse(`the header ${csrfHeader} does not hold the secret of the session`)
}

export function setCookie(request: FastifyRequest, reply: FastifyReply, value: string, expires: Date): void {
  const secure = request.protocol === 'https'
  reply.setCookie(secure ? cookieNames.secure : cookieNames.plain, value, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    expires,
  })
}

export function clearCookies(reply: FastifyReply): void {
  reply.clearCookie(cookieNames.plain, { path: '/', httpOnly: true, sameSite: 'strict' })
  reply.clearCookie(cookieNames.secure, { path: '/', httpOnly: true, sameSite: 'strict', secure: true })
}

function isSame(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}
