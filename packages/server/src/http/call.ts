/** What a handler gets and gives, typed by the table of routes. */
import type { Readable } from 'node:stream'
import type { PathParams, Route, RouteName, Routes } from '@assay/contract/api'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Staged } from '../blob/index.ts'
import type { Identity } from '../store/index.ts'

/** One file of an upload: staged, or why it was not. */
export interface UploadedFile {
  readonly name: string
  readonly staged: Staged | null
  readonly error: unknown
}

/** Files and fields of a request, in their order. The files are thrown away after it unless they were kept. */
export interface Upload {
  readonly files: readonly UploadedFile[]
  readonly fields: Readonly<Record<string, string>>
}

type QueryOf<R extends Route> = R['query'] extends z.ZodType ? z.output<R['query']> : undefined

type BodyOf<R extends Route> = R['body'] extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.output<S>
  : R['body'] extends { kind: 'files' }
    ? Upload
    : undefined

export interface Call<R extends Route = Route> {
  readonly params: PathParams<R['path']>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
  /** Null only where anybody may ask. */
  readonly who: R['role'] extends null ? Identity | null : Identity
  /** Id for what the request makes; a request repeated with the same idempotency key has the same. */
  readonly newId: string
  /** Aborted when the client has gone or the server stops. */
  readonly signal: AbortSignal
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

export interface BytesAnswer {
  readonly type: string
  readonly content: Uint8Array | Readable
  readonly length?: number
  /** Name of the file that a browser saves; without it the browser shows it. */
  readonly saveAs?: string
  /** Names the content, so that a browser that has it need not get it again. */
  readonly etag?: string
}

export interface ServerEvent {
  readonly event: string
  readonly id?: string
  readonly data: unknown
}

type Answer<R extends Route> = R['reply'] extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.input<S>
  : R['reply'] extends { kind: 'bytes' }
    ? BytesAnswer
    : R['reply'] extends { kind: 'events' }
      ? AsyncIterable<ServerEvent>
      : void

type Handler<R extends Route> = (call: Call<R>) => Promise<Answer<R>>

/** A handler for every route of the table. */
export type Handlers = { readonly [K in RouteName]: Handler<Routes[K]> }
