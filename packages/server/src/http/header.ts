/** Headers of every answer: nothing from elsewhere runs, is framed, or is guessed to be something else. */
import type { FastifyReply } from 'fastify'

const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** For what the API gives: even a file that a browser would take for a page can do nothing. */
const dataPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

export function setHeaders(reply: FastifyReply, kind: 'page' | 'data'): void {
  reply.headers({
    'content-security-policy': kind === 'page' ? pagePolicy : dataPolicy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
  })
  if (reply.request.protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000')
}
