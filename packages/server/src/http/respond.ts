/** From a request to the call of its handler, and from the handler's answer to the reply. */
import { AssayError } from '@assay/contract'
import { paramSchema, routes, type Route, type RouteName } from '@assay/contract/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { toProblem } from '../problem.ts'
import type { Services } from '../services.ts'
import type { Identity } from '../store/index.ts'
import { createAuditor } from './audit.ts'
import type { BytesAnswer, Call, ServerEvent } from './call.ts'
import { sendEvents } from './event.ts'
import { runOnce, type Given, type Repeatable } from './idempotent.ts'
import { watchRate, type RateWatch } from './patience.ts'
import { problemType, toAssayError } from './problem.ts'
import { readUpload } from './upload.ts'

declare module 'fastify' {
  interface FastifyRequest {
    who: Identity | null
    rate: RateWatch | null
  }
}

export interface Responder {
  /** Before the body is read. Throws STUDIO_BUSY when too many requests with files run. */
  guard(request: FastifyRequest, reply: FastifyReply, route: Route): void
  respond(
    name: RouteName,
    handler: (call: Call) => Promise<unknown>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown>
  /** Requests with files that run now. */
  uploads(): number
}

export interface ResponderOptions {
  /** The server stops. */
  readonly stopping: AbortSignal
  readonly newId: () => string
}

export function createResponder(services: Services, { stopping, newId }: ResponderOptions): Responder {
  const { config, stores, blobs, database } = services
  const { limits } = config
  const auditor = createAuditor(stores.audit, newId)
  const once = { store: stores.idempotency, run: database.run, newId }
  let uploads = 0

  /** The handler's answer to a call whose body has been read. */
  const work = async (
    name: RouteName,
    handler: (call: Call) => Promise<unknown>,
    call: Call,
  ): Promise<Given> => {
    const { reply }: { reply: Route['reply'] } = routes[name]
    const answer = await auditor.run(name, call, () => handler(call))
    if (reply.kind !== 'json') return { status: 204, response: null }
    return { status: 200, response: encode(reply.schema, answer, name) }
  }

  const respondOnce = async (
    name: RouteName,
    handler: (call: Call) => Promise<unknown>,
    request: FastifyRequest,
    call: Omit<Call, 'newId'>,
  ): Promise<Repeatable> => {
    if (request.method !== 'POST' || keepsSecrets.has(name))
      return { ...(await work(name, handler, { ...call, newId: newId() })), isRepeated: false }
    return runOnce(request, request.who, once, async (id) => {
      try {
        return await work(name, handler, { ...call, newId: id })
      } catch (error) {
        const known = toAssayError(error)
        // The same request may do better later.
        if (known === null || known.http >= 500 || known.http === 429 || known.http === 408) throw error
        return { status: known.http, response: toProblem(known, request.id) }
      }
    })
  }

  return {
    uploads: () => uploads,
    guard: (request, reply, { body }) => {
      if (body.kind === 'json') {
        request.rate = watchRate(request, limits)
        request.rate.tooSlow.catch((error: unknown) => {
          if (!reply.sent) void reply.send(error)
        })
      }
      if (body.kind === 'files' && uploads >= limits.uploads)
        throw new AssayError('STUDIO_BUSY', { what: `${uploads} uploads run`, seconds: 1 })
    },
    respond: async (name, handler, request, reply) => {
      const route: Route = routes[name]
      request.rate?.stop()
      const given = {
        params: parseParams(request.params),
        query: route.query === null ? undefined : parse(route.query, request.query, 'the query'),
        who: request.who,
        signal: AbortSignal.any([stopping, goneSignal(reply)]),
        request,
        reply,
      }
      switch (route.reply.kind) {
        case 'bytes': {
          const call = toCall({ ...given, newId: newId() })
          const answer = await auditor.run(name, call, () => handler(call))
          return sendBytes(request, reply, answer as BytesAnswer)
        }
        case 'events': {
          const events = (await handler(toCall({ ...given, newId: newId() }))) as AsyncIterable<ServerEvent>
          await sendEvents(reply, events, given.signal)
          return reply
        }
        case 'json':
        case 'empty': {
          const answer = await answerOf(route)
          if (answer.isRepeated) reply.header('idempotency-replayed', 'true')
          if (answer.status === 204) return reply.code(204).send()
          if (answer.status >= 400) reply.type(problemType)
          return reply.code(answer.status).send(answer.response)
        }
        default:
          return route.reply satisfies never
      }

      async function answerOf({ body }: Route): Promise<Repeatable> {
        if (body.kind !== 'files') {
          const content = body.kind === 'json' ? parse(body.schema, request.body, 'the body') : undefined
          return respondOnce(name, handler, request, toCall({ ...given, body: content }))
        }
        uploads++
        try {
          const { most } = body
          const fileBytes = name === 'uploadModel' ? limits.modelBytes : limits.pictureBytes
          await using upload = await readUpload(request, { most, fileBytes, limits, blobs })
          return await respondOnce(name, handler, request, toCall({ ...given, body: upload }))
        } finally {
          uploads--
        }
      }
    },
  }
}

/** Their answers hold what is kept nowhere. */
const keepsSecrets: ReadonlySet<RouteName> = new Set(['createToken', 'openSession'])

/** The parts were parsed by the schemas of the very route whose handler gets them. */
function toCall(parts: object): Call {
  return parts as Call
}

function parseParams(params: unknown): Record<string, string> {
  const entries = Object.entries(params ?? {}).map(
    ([name, value]) => [name, parse(paramSchema, value, `"${name}" in the address`)] as const,
  )
  return Object.fromEntries(entries)
}

function parse<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  if (!isText(value))
    throw new AssayError('REQUEST_INVALID', {
      where,
      reason: 'it is too deep, or holds a character that no text has',
    })
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  const place = path === '' ? where : `"${path}" of ${where}`
  throw new AssayError('REQUEST_INVALID', {
    where: place.slice(0, 200),
    reason: (issue?.message ?? '').slice(0, 300),
  })
}

/** No message of the table is nearly as deep. */
const mostDepth = 32

/** Postgres keeps neither the character 0 nor halves of characters. */
function isText(value: unknown, depth = 0): boolean {
  if (depth > mostDepth) return false
  if (typeof value === 'string') return !value.includes('\0') && value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, item]) => isText(key) && isText(item, depth + 1))
}

/** What goes out has the form that the table promises. */
function encode(schema: z.ZodType, answer: unknown, name: RouteName): unknown {
  const result = schema.safeParse(answer)
  if (result.success) return result.data
  throw new Error(`internal: the answer of ${name} does not fit: ${result.error.message}`)
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort()
  })
  return gone.signal
}

function sendBytes(request: FastifyRequest, reply: FastifyReply, answer: BytesAnswer): FastifyReply {
  const { type, content, length, saveAs, etag } = answer
  if (etag !== undefined) {
    reply.header('etag', `"${etag}"`)
    reply.header('cache-control', 'private, no-cache')
    if (request.headers['if-none-match'] === `"${etag}"`) {
      if (!(content instanceof Uint8Array)) content.destroy()
      return reply.code(304).send()
    }
  } else reply.header('cache-control', 'no-store')
  if (saveAs !== undefined)
    reply.header('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(saveAs)}`)
  if (length !== undefined) reply.header('content-length', length)
  return reply.type(type).send(content instanceof Uint8Array ? Buffer.from(content) : content)
}
