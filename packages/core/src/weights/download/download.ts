/**
 * Brings the bytes of one address into a file, piece by piece, and goes on where an earlier try stopped.
 *
 * A range is asked for with the validator of the bytes that are there, so that a file that changed meanwhile is
 * begun anew; so is one whose server knows no ranges. The sum is the caller's business.
 */
import fs from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'

import type { Part } from './part.ts'
import { DownloadFault, get, toFault, type RequestOptions } from './request.ts'

export type DownloadEvent =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  /** The connection broke; it is tried again after a pause. */
  | { readonly type: 'retry'; readonly reason: string; readonly waitMs: number }

export interface DownloadOptions extends RequestOptions {
  readonly url: string
  /** What the file should have; the total of the progress where the server does not tell. */
  readonly bytes: number
  readonly part: Part
  /** Runs what writes to the disk, and names its faults. */
  readonly writing: <T>(write: () => Promise<T>) => Promise<T>
  /** The pause before the next try. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>
}

/** Tries without a single new byte before it is given up, and tries in all. */
const mostTries = 5
const mostTriesEver = 100
/** How much more than announced in the catalogue is taken before it is called another file. */
const slackBytes = 2 ** 20
const progressEvery = 2 ** 20

/** Fills `part` to the end. Faults that do not pass are DownloadFaults, and so are those that pass too often. */
export async function* download(options: DownloadOptions): AsyncGenerator<DownloadEvent, void> {
  const {
    part,
    signal,
    wait = (ms) => setTimeout(ms, undefined, signal === undefined ? {} : { signal }),
  } = options
  let hasBytes = false
  for (let fruitless = 0, tries = 0; ; tries++) {
    const before = await part.size()
    try {
      yield* attempt(options, before)
      return
    } catch (error) {
      signal?.throwIfAborted()
      const isLonger = (await part.size()) > before
      hasBytes ||= isLonger
      fruitless = isLonger ? 1 : fruitless + 1
      const isPassing = error instanceof DownloadFault && (error.isPassing || hasBytes)
      if (!isPassing || fruitless >= mostTries || tries >= mostTriesEver) throw error
      const waitMs = 1000 * 2 ** (fruitless - 1)
      yield { type: 'retry', reason: error.message, waitMs }
      await wait(waitMs, signal)
    }
  }
}

async function* attempt(options: DownloadOptions, have: number): AsyncGenerator<DownloadEvent, void> {
  const { url, part, writing } = options
  const answer = await get(url, { ...options, headers: have === 0 ? {} : rangeHeaders(have, part.validator) })
  try {
    const start = readStart(answer, have)
    if (start === 'whole') return
    if (start === 'unusable') {
      await writing(() => part.begin(null))
      throw new DownloadFault('the server cannot go on where the download stopped', { isPassing: true })
    }
    const total = start + (readLength(answer.headers['content-length']) ?? Math.max(0, options.bytes - start))
    refuseLonger(total, options.bytes)
    if (start === 0) await writing(() => part.begin(validatorOf(answer)))
    const done = yield* receive(answer, start, total, options)
    if (done < total)
      throw new DownloadFault(`the connection broke after ${done} of ${total} bytes`, { isPassing: true })
  } finally {
    answer.destroy()
  }
}

async function* receive(
  answer: IncomingMessage,
  start: number,
  total: number,
  { part, writing, bytes }: DownloadOptions,
): AsyncGenerator<DownloadEvent, number> {
  const file = await writing(() => fs.open(part.file, 'r+'))
  let done = start
  let told = start
  try {
    yield { type: 'progress', done, total }
    const chunks = answer[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        throw toFault(error)
      })
      if (next.done === true) break
      refuseLonger(done + next.value.length, bytes)
      await writing(() => file.write(next.value, 0, next.value.length, done))
      done += next.value.length
      if (done - told >= progressEvery) {
        told = done
        yield { type: 'progress', done, total }
      }
    }
    yield { type: 'progress', done, total }
    return done
  } finally {
    await writing(() => file.close())
  }
}

function rangeHeaders(from: number, validator: string | null): Record<string, string> {
  return { range: `bytes=${from}-`, ...(validator === null ? {} : { 'if-range': validator }) }
}

/** Where the body begins, or that nothing is missing, or that it does not fit to what is there. */
function readStart(answer: IncomingMessage, have: number): number | 'whole' | 'unusable' {
  const { statusCode: status = 0, statusMessage = '', headers } = answer
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw new DownloadFault(`the server packs the file (${encoding}) though it was asked not to`, {
      isPassing: false,
    })
  if (status === 200) return 0
  const [, from, size] = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? []
  if (have > 0 && status === 206) return Number(from) === have ? have : 'unusable'
  if (have > 0 && status === 416) return Number(size) === have ? 'whole' : 'unusable'
  const isPassing = [408, 425, 429].includes(status) || status >= 500
  throw new DownloadFault(`the server answers ${status} ${statusMessage}`.trim(), { isPassing })
}

function readLength(text: string | undefined): number | undefined {
  const length = Number(text)
  return Number.isSafeInteger(length) ? length : undefined
}

/** What a later range may be asked with: a strong ETag, or else the date. */
function validatorOf({ headers }: IncomingMessage): string | null {
  const { etag } = headers
  if (etag !== undefined && !etag.startsWith('W/')) return etag
  return headers['last-modified'] ?? null
}

function refuseLonger(found: number, published: number): void {
  if (found > published + slackBytes)
    throw new DownloadFault(
      `the server has a file of ${found} bytes or more, but the published one has ${published}`,
      {
        isPassing: false,
      },
    )
}
