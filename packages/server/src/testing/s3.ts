/**
 * A small object store with the requests that the blob store makes. It computes the signature of each request itself,
 * by the rules of AWS Signature Version 4, and refuses those that do not match.
 */
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeS3 {
  readonly address: string
  readonly keyId: string
  readonly secret: string
  /** By their key in the bucket, without the folder. */
  readonly objects: Map<string, Buffer>
  close(): Promise<void>
}

export async function startFakeS3(): Promise<FakeS3> {
  const secret = 'a secret of the store'
  const stored = new Map<string, { readonly bytes: Buffer; readonly at: Date }>()
  const objects = new Map<string, Buffer>()
  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat(await Array.fromAsync(request))
      const url = new URL(request.url ?? '/', 'http://store')
      const key = url.pathname.split('/').slice(2).join('/')
      const short = key.slice(key.indexOf('blob/'))
      if (!isSigned(request, url, body, secret)) return response.writeHead(403).end()
      if (url.searchParams.has('list-type')) {
        const prefix = url.searchParams.get('prefix') ?? ''
        const keys = [...stored.keys()].filter((name) => name.startsWith(prefix)).sort()
        const after = url.searchParams.get('continuation-token') ?? ''
        const [first, next] = keys.filter((name) => name > after)
        const at = first === undefined ? '' : (stored.get(first)?.at.toISOString() ?? '')
        const item =
          first === undefined
            ? ''
            : `<Contents><Key>${first}</Key><LastModified>${at}</LastModified></Contents>`
        const more = next === undefined ? '' : `<NextContinuationToken>${first}</NextContinuationToken>`
        return response.end(`<?xml version="1.0"?><ListBucketResult>${item}${more}</ListBucketResult>`)
      }
      switch (request.method ?? 'GET') {
        case 'PUT':
          stored.set(key, { bytes: body, at: new Date() })
          objects.set(short, body)
          return response.end()
        case 'DELETE':
          stored.delete(key)
          return response.writeHead(204).end()
        default:
          return stored.has(key) ? response.end(objects.get(short)) : response.writeHead(404).end()
      }
    })()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    address: `http://127.0.0.1:${port}`,
    keyId: 'key',
    secret,
    objects,
    close: () => new Promise((done) => server.close(() => done())),
  }
}

const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()

function isSigned(request: IncomingMessage, url: URL, body: Buffer, secret: string): boolean {
  const given = /Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(
    request.headers.authorization ?? '',
  )
  const [, credential = '', signed = '', signature] = given ?? []
  const content = String(request.headers['x-amz-content-sha256'])
  if (content !== 'UNSIGNED-PAYLOAD' && content !== hash(body)) return false
  const names = signed.split(';')
  const query = [...url.searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).sort()
  const headers = names.map((name) => `${name}:${String(request.headers[name])}\n`)
  const canonical = [request.method, url.pathname, query.join('&'), headers.join(''), signed, content].join(
    '\n',
  )
  const scope = credential.split('/').slice(1)
  const date = String(request.headers['x-amz-date'])
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash(canonical)].join('\n')
  let key: string | Buffer = `AWS4${secret}`
  for (const part of scope) key = hmac(key, part)
  return hmac(key, toSign).toString('hex') === signature
}
