/** Servers on the loopback interface: one that gives a file, one that misbehaves as told, and a proxy. */
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { pipeline, type Duplex } from 'node:stream'

import { loopbackCertificate, loopbackKey } from './certificate.ts'

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void

export interface TestServer extends AsyncDisposable {
  /** `http://localhost:<port>`, or https. */
  readonly origin: string
  readonly requests: { readonly url: string; readonly headers: http.IncomingHttpHeaders }[]
}

export async function serve(
  handler: Handler,
  options: { readonly isSecure?: boolean } = {},
): Promise<TestServer> {
  const requests: TestServer['requests'] = []
  const handle: Handler = (request, response) => {
    requests.push({ url: request.url ?? '', headers: request.headers })
    handler(request, response)
  }
  const isSecure = options.isSecure === true
  const server = isSecure
    ? https.createServer({ key: loopbackKey, cert: loopbackCertificate }, handle)
    : http.createServer(handle)
  const port = await listen(server)
  return {
    origin: `${isSecure ? 'https' : 'http'}://localhost:${port}`,
    requests,
    [Symbol.asyncDispose]: () => close(server),
  }
}

export interface FileServerOptions {
  readonly etag?: string
  /** Breaks the connection once after so many bytes of the file, for each number. */
  readonly cuts?: number[]
  readonly knowsRanges?: boolean
}

/** Gives `file` as a careful server does: ranges, If-Range, length. */
export function giveFile(file: Uint8Array, options: FileServerOptions = {}): Handler {
  const { etag, cuts = [], knowsRanges = true } = options
  return (request, response) => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const condition = request.headers['if-range']
    const isPart = knowsRanges && range !== null && (condition === undefined || condition === etag)
    const start = isPart ? Number(range[1]) : 0
    if (etag !== undefined) response.setHeader('etag', etag)
    if (isPart && start >= file.length) {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end()
      return
    }
    if (isPart) response.setHeader('content-range', `bytes ${start}-${file.length - 1}/${file.length}`)
    response.writeHead(isPart ? 206 : 200, { 'content-length': file.length - start })
    const cut = cuts.shift()
    if (cut === undefined) response.end(file.subarray(start))
    else {
      // Bytes that are under way when a connection breaks are lost; these are given time to arrive.
      response.write(file.subarray(start, start + cut), () => setTimeout(() => response.destroy(), 50))
    }
  }
}

export interface TestProxy extends AsyncDisposable {
  readonly origin: string
  /** What it was asked for: absolute addresses, and `CONNECT host:port`. */
  readonly asked: string[]
}

/** A proxy that passes everything on to loopback ports. */
export async function serveProxy(): Promise<TestProxy> {
  const asked: string[] = []
  const tunnels = new Set<Duplex>()
  const server = http.createServer((request, response) => {
    asked.push(request.url ?? '')
    const onward = http.get(request.url ?? '', { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      pipeline(answer, response, () => undefined)
    })
    onward.on('error', () => response.destroy())
  })
  server.on('connect', (request, client: Duplex) => {
    asked.push(`CONNECT ${request.url}`)
    const onward = net.connect(Number(request.url?.split(':')[1]), 'localhost', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      onward.pipe(client).pipe(onward)
    })
    for (const end of [client, onward]) {
      tunnels.add(end)
      end.on('error', () => end.destroy())
    }
  })
  const port = await listen(server)
  return {
    origin: `http://localhost:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      for (const tunnel of tunnels) tunnel.destroy()
      await close(server)
    },
  }
}

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return (server.address() as AddressInfo).port
}

async function close(server: http.Server | https.Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}
