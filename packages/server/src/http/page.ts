/** The page: its built files, and for every address that is not the API's the page itself, which knows its screens. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { setHeaders } from './header.ts'

/** Without a folder the start page says that there is only the API. */
export async function addPage(app: FastifyInstance, folder: string | null): Promise<void> {
  if (folder !== null)
    await app.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      // Their names hold a hash of their content.
      immutable: true,
      maxAge: '365d',
      index: false,
      dotfiles: 'ignore',
      setHeaders: (reply) => {
        void reply.headers({
          'x-content-type-options': 'nosniff',
          'cross-origin-resource-policy': 'same-origin',
        })
      },
    })
  app.get('/*', async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? ''
    if (path.startsWith('/api/') || /\.\w+$/.test(path))
      throw new AssayError('ROUTE_UNKNOWN', { method: request.method, path: path.slice(0, 200) })
    setHeaders(reply, 'page')
    reply.type('text/html; charset=utf-8').header('cache-control', 'no-cache')
    return folder === null ? withoutPage : readFile(join(folder, 'index.html'))
  })
}

const withoutPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Assay Studio</title>
<h1>Assay Studio runs, without its page</h1>
<p>The page has not been built: run <code>npm run build -w @assay/studio</code> and start again.
The API is under <a href="/api/v1/openapi.json">/api/v1</a>.</p>
</html>
`
