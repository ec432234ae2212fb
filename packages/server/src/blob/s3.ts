/**
 * The blob store in an S3-compatible object store, addressed by path: `<url>/blob/<hash>`. Files that are read are
 * kept in a local cache; their content cannot change, so the cache is never stale.
 */
import { createReadStream, openAsBlob } from 'node:fs'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { AssayError, reasonOf } from '@assay/contract'
import { AwsClient } from 'aws4fetch'
import type { BlobStore } from './blob.ts'
import { stageFile } from './stage.ts'

export interface S3BlobOptions {
  /** With the bucket, and maybe a folder in it. */
  readonly url: string
  readonly keyId: string
  readonly secret: string
  readonly region: string
  /** Holds what was read. */
  readonly cache: string
  readonly scratch: string
}

export function openS3Blobs({ url, keyId, secret, region, cache, scratch }: S3BlobOptions): BlobStore {
  const base = url.replace(/\/+$/, '')
  const client = new AwsClient({
    accessKeyId: keyId,
    secretAccessKey: secret,
    region,
    service: 's3',
    retries: 3,
  })
  const placeOf = (sha256: string): string => join(cache, sha256.slice(0, 2), sha256)
  const unreachable = (reason: string, cause?: unknown): AssayError =>
    new AssayError('STORE_UNREACHABLE', { address: base, reason }, { cause })
  const ask = async (method: string, path: string, init: RequestInit = {}): Promise<Response> => {
    try {
      return await client.fetch(new URL(path, `${base}/`), { ...init, method })
    } catch (error) {
      throw unreachable(reasonOf(error), error)
    }
  }
  const require = async (response: Response, sha256: string): Promise<Response> => {
    if (response.ok) return response
    await response.body?.cancel()
    if (response.status === 404) throw new AssayError('NOT_FOUND', { what: 'file', id: sha256 })
    throw unreachable(`it answered ${response.status}`)
  }
  const upload = async (path: string, sha256: string): Promise<void> => {
    const response = await ask('PUT', `blob/${sha256}`, {
      // The hash of the content is known, so the store checks what arrives.
      headers: { 'x-amz-content-sha256': sha256 },
      body: await openAsBlob(path),
    })
    await (await require(response, sha256)).body?.cancel()
  }
  const isCached = (sha256: string): Promise<boolean> =>
    stat(placeOf(sha256)).then(
      () => true,
      () => false,
    )
  const toCache = async (from: string, sha256: string): Promise<void> => {
    await mkdir(join(cache, sha256.slice(0, 2)), { recursive: true })
    await rename(from, placeOf(sha256))
  }
  const download = async (sha256: string): Promise<string> => {
    if (await isCached(sha256)) return placeOf(sha256)
    const response = await require(await ask('GET', `blob/${sha256}`), sha256)
    const body = response.body === null ? new Uint8Array() : Readable.fromWeb(response.body as never)
    const staged = await stageFile(scratch, body)
    if (staged.sha256 !== sha256) {
      await rm(staged.path, { force: true })
      throw unreachable(`the file ${sha256} came damaged`)
    }
    await toCache(staged.path, sha256)
    return placeOf(sha256)
  }
  const stage: BlobStore['stage'] = async (source, options) => {
    const { path, sha256, bytes } = await stageFile(scratch, source, options)
    return {
      path,
      sha256,
      bytes,
      keep: async () => {
        await upload(path, sha256)
        await toCache(path, sha256)
        // Another server may have kept the same meanwhile: what is left over goes with the next sweep.
        return { sha256, bytes, undo: async () => {} }
      },
      [Symbol.asyncDispose]: () => rm(path, { force: true }),
    }
  }
  const put: BlobStore['put'] = async (source, options) => {
    await using staged = await stage(source, options)
    const { sha256, bytes } = await staged.keep()
    return { sha256, bytes }
  }
  return {
    stage,
    put,
    putFile: (path) => put(createReadStream(path)),
    open: async (sha256) => {
      const path = await download(sha256)
      return { bytes: (await stat(path)).size, stream: createReadStream(path) }
    },
    read: async (sha256) => readFile(await download(sha256)),
    path: download,
    has: async (sha256) => {
      const response = await ask('HEAD', `blob/${sha256}`)
      if (response.status === 404) return false
      await require(response, sha256)
      return true
    },
    remove: async (sha256) => {
      const response = await ask('DELETE', `blob/${sha256}`)
      if (response.status !== 404) await require(response, sha256)
      await rm(placeOf(sha256), { force: true })
    },
    list: async function* () {
      const { host, protocol, pathname } = new URL(base)
      const [bucket = '', ...folders] = pathname.split('/').filter((part) => part !== '')
      const prefix = [...folders, 'blob', ''].join('/')
      let token: string | undefined
      do {
        const query = new URLSearchParams({ 'list-type': '2', prefix })
        if (token !== undefined) query.set('continuation-token', token)
        const response = await ask('GET', `${protocol}//${host}/${bucket}?${query.toString()}`)
        const text = await (await require(response, 'list')).text()
        for (const [, content = ''] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
          const sha256 = tagOf(content, 'Key')?.slice(prefix.length) ?? ''
          const at = tagOf(content, 'LastModified')
          if (/^[0-9a-f]{64}$/.test(sha256) && at !== undefined) yield { sha256, at: new Date(at) }
        }
        token = tagOf(text, 'NextContinuationToken')
      } while (token !== undefined)
    },
  }
}

function tagOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]
  return text
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
