/** A web server for the tests: a built page and some files, isolated from other origins so that threads work. */
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
}

export interface StaticServer extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string
}

export interface StaticOptions {
  readonly folder: string
  /** Files that are not in the folder, by path without the leading slash. */
  readonly files?: Readonly<Record<string, Uint8Array>>
  /** Whether the two headers that isolate a page are sent; default true. */
  readonly isIsolated?: boolean
}

export async function serve({ folder, files = {}, isIsolated = true }: StaticOptions): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = decodeURIComponent(pathname === '/' ? '/index.html' : pathname).slice(1)
    void answer(path, response)
  })
  const answer = async (path: string, response: ServerResponse): Promise<void> => {
    const bytes = files[path] ?? (await readFile(join(folder, normalize(path))).catch(() => null))
    if (bytes === null) {
      response.writeHead(404).end()
      return
    }
    response.writeHead(200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      ...(isIsolated && {
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      }),
    })
    response.end(bytes)
  }
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  // Listening on a port, so there is an address with one.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://localhost:${port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
