/** Server-sent events: written as they come, with a sign of life between them, to clients that read them. */
import type { FastifyReply } from 'fastify'
import type { ServerEvent } from './call.ts'

const heartbeatMs = 15_000
const mostWaiting = 2 ** 20
/** After which a browser that lost the connection asks again. */
const retryMs = 1000

/** Ends with the events or `signal`; a client that does not read is cut off. */
export async function sendEvents(
  reply: FastifyReply,
  events: AsyncIterable<ServerEvent>,
  signal: AbortSignal,
): Promise<void> {
  reply.hijack()
  const { raw } = reply
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  const write = (text: string): void => {
    if (signal.aborted) return
    raw.write(text)
    if (raw.writableLength > mostWaiting) raw.destroy()
  }
  write(`retry: ${retryMs}\n\n`)
  const heartbeat = setInterval(() => write(': \n\n'), heartbeatMs)
  try {
    for await (const { event, id, data } of events) {
      if (signal.aborted) break
      // JSON has no line breaks, which would end the field.
      write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`)
    }
  } finally {
    clearInterval(heartbeat)
    raw.end()
  }
}
