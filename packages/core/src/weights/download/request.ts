/**
 * One GET over http or https: redirects followed, proxies of the environment used, silence cut off.
 *
 * Node's own client with its agents, because they take proxies one by one; the global fetch takes them for the
 * whole process only.
 */
import { reasonOf } from '@assay/contract'
import http from 'node:http'
import https from 'node:https'

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Where HTTPS_PROXY, HTTP_PROXY and NO_PROXY are looked up, in capitals or not. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
}

/** Something went wrong on the way. `isPassing` when the same request may well work in a while. */
export class DownloadFault extends Error {
  readonly isPassing: boolean

  constructor(reason: string, options: { readonly isPassing: boolean; readonly cause?: unknown }) {
    super(reason, { cause: options.cause })
    this.isPassing = options.isPassing
  }
}

const mostRedirects = 5
/** A connection that has been silent for so long is given up. */
const silenceMs = 30_000

/** The answer to a GET, whatever its status but a redirect. Its body must be read or destroyed. */
export async function get(address: string, options: RequestOptions): Promise<http.IncomingMessage> {
  let url = new URL(address)
  for (let i = 0; i <= mostRedirects; i++) {
    const answer = await request(url, options)
    if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return answer
    answer.destroy()
    url = follow(url, answer.headers.location)
  }
  throw new DownloadFault(`${address} leads through more than ${mostRedirects} addresses`, {
    isPassing: false,
  })
}

function follow(from: URL, location: string | undefined): URL {
  const to = location === undefined ? null : URL.parse(location, from.href)
  const isAllowed = to !== null && (to.protocol === 'https:' || to.protocol === from.protocol)
  if (isAllowed) return to
  throw new DownloadFault(`${from.href} leads on to "${location ?? ''}", which is not followed`, {
    isPassing: false,
  })
}

function request(url: URL, { headers, env, signal }: RequestOptions): Promise<http.IncomingMessage> {
  const isSecure = url.protocol === 'https:'
  if (!isSecure && url.protocol !== 'http:') throw new Error(`internal: weights at ${url.href}`)
  const proxyEnv = readProxy(env, isSecure ? 'HTTPS_PROXY' : 'HTTP_PROXY')
  const agent = isSecure ? new https.Agent({ proxyEnv }) : new http.Agent({ proxyEnv })
  return new Promise((resolve, reject) => {
    const outgoing = (isSecure ? https : http).get(url, {
      agent,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'assay', ...headers },
      timeout: silenceMs,
      ...(signal === undefined ? {} : { signal }),
    })
    outgoing.on('timeout', () =>
      outgoing.destroy(
        new DownloadFault(`${url.host} was silent for ${silenceMs / 1000} seconds`, { isPassing: true }),
      ),
    )
    outgoing.on('response', resolve)
    outgoing.on('error', (error) => reject(toFault(error)))
  })
}

/** The proxy for one kind of address as Node takes it; a kind that Node would pass by is refused. */
function readProxy(env: RequestOptions['env'], name: 'HTTPS_PROXY' | 'HTTP_PROXY'): http.ProxyEnv {
  const read = (key: string): string | undefined => env[key.toLowerCase()] ?? env[key]
  const given = read(name) ?? ''
  // Other tools take a bare host and port.
  const proxy = given === '' || given.includes('://') ? given : `http://${given}`
  const scheme = proxy.split('://', 1)[0] ?? ''
  if (!/^(https?)?$/i.test(scheme))
    throw new DownloadFault(`${name} names a proxy for ${scheme}, and only http and https are spoken`, {
      isPassing: false,
    })
  return { [name]: proxy, NO_PROXY: read('NO_PROXY') }
}

const passing = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'ENETDOWN',
  'ENETRESET',
  'ERR_PROXY_TUNNEL',
])

/** What a connection was broken by; an abort stays what it is. */
export function toFault(error: unknown): Error {
  if (error instanceof DownloadFault || (error instanceof Error && error.name === 'AbortError')) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const isUntrusted = /CERT|UNABLE_TO|ISSUER/.test(code)
  const remedy = isUntrusted ? '; the certificate of a proxy belongs into NODE_EXTRA_CA_CERTS' : ''
  return new DownloadFault(`${reasonOf(error)}${remedy}`, { isPassing: passing.has(code), cause: error })
}
