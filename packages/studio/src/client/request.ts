/**
 * Calls of the API, typed by the table of its routes.
 *
 * A request that changes something carries the secret of the session, and a POST an idempotency key, so that it can be
 * sent again after a lost connection without being done twice. Answers are those of our own server and are not parsed
 * again.
 */
import { routes, type PathParams, type Route, type RouteName, type Routes } from '@assay/contract/api'
import { noteAnswer, noteSilence } from './connection.ts'
import { Fault, faultOfResponse, unreachable } from './fault.ts'

/** What a zod schema takes and gives; named by its form, so that the page needs no zod of its own. */
interface Schema<I, O> {
  readonly _zod: { readonly input: I; readonly output: O }
}

type QueryOf<R extends Route> = R['query'] extends Schema<infer I, unknown> ? I : undefined
type BodyOf<R extends Route> = R['body'] extends { kind: 'json'; schema: Schema<infer I, unknown> }
  ? I
  : R['body'] extends { kind: 'files' }
    ? FormData
    : undefined
export type ReplyOf<N extends RouteName> = Routes[N]['reply'] extends {
  kind: 'json'
  schema: Schema<unknown, infer O>
}
  ? O
  : Routes[N]['reply'] extends { kind: 'bytes' }
    ? Blob
    : undefined

/** What a call is given; parameters, query and body only where the route has them. */
export type CallOptions<N extends RouteName> = PathParams<Routes[N]['path']> & {
  readonly query?: QueryOf<Routes[N]>
  readonly body?: BodyOf<Routes[N]>
  readonly signal?: AbortSignal | undefined
}

const apiPath = '/api/v1'
const csrfHeader = 'x-assay-csrf'
const patienceMs = 30_000

/** Set at sign-in; the browser keeps the cookie itself. */
let csrf: string | null = null
let onSignedOut: () => void = () => {}

export function setSecret(value: string | null): void {
  csrf = value
}

/** `listener` hears when the server no longer knows who asks. */
export function listenForSignOut(listener: () => void): void {
  onSignedOut = listener
}

/** The address of a route, for pictures and downloads. */
export function addressOf<N extends RouteName>(
  name: N,
  params: PathParams<Routes[N]['path']>,
  query?: QueryOf<Routes[N]>,
): string {
  const path = routes[name].path.replaceAll(/:(\w+)/g, (_, key: string) => {
    const value: unknown = (params as Readonly<Record<string, unknown>>)[key]
    if (typeof value !== 'string') throw new Error(`internal: ${name} needs ${key}`)
    return encodeURIComponent(value)
  })
  const entries = Object.entries((query ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== undefined && value !== '',
  )
  const search = new URLSearchParams(entries.map(([key, value]) => [key, String(value)])).toString()
  return `${apiPath}${path}${search === '' ? '' : `?${search}`}`
}

/** Throws a Fault. Lost connections, 429 and 503 are tried again for half a minute. */
export async function call<N extends RouteName>(name: N, options: CallOptions<N>): Promise<ReplyOf<N>> {
  const response = await send(name, options)
  const { reply }: Route = routes[name]
  if (reply.kind === 'json') return (await response.json()) as ReplyOf<N>
  return (reply.kind === 'bytes' ? await response.blob() : undefined) as ReplyOf<N>
}

async function send<N extends RouteName>(name: N, options: CallOptions<N>): Promise<Response> {
  const route: Route = routes[name]
  const { query, body, signal } = options
  const address = addressOf(name, options, query)
  const headers = new Headers()
  if (route.method !== 'GET' && csrf !== null) headers.set(csrfHeader, csrf)
  if (route.method === 'POST') headers.set('idempotency-key', randomKey())
  if (route.body.kind === 'json') headers.set('content-type', 'application/json')
  const content =
    route.body.kind === 'json' ? JSON.stringify(body ?? {}) : body instanceof FormData ? body : null
  const until = Date.now() + patienceMs
  for (let attempt = 0; ; attempt++) {
    let wait = Math.min(4000, 250 * 2 ** attempt) * (0.75 + Math.random() / 2)
    try {
      const response = await fetch(address, {
        method: route.method,
        headers,
        body: content,
        credentials: 'same-origin',
        ...(signal === undefined ? {} : { signal }),
      })
      noteAnswer()
      if (response.ok) return response
      const fault = await faultOfResponse(response)
      if (response.status === 401 && name !== 'openSession') onSignedOut()
      if ((response.status !== 429 && response.status !== 503) || Date.now() > until) throw fault
      wait = Math.max(wait, Number(response.headers.get('retry-after') ?? 0) * 1000)
    } catch (error) {
      if (error instanceof Fault) throw error
      signal?.throwIfAborted()
      noteSilence()
      if (Date.now() > until) throw unreachable()
    }
    await pause(wait, signal)
  }
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}

/** As randomUUID, which a page that came by plain HTTP from another machine does not have. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
