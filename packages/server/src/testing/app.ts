/** A studio behind HTTP, on a real database in a temporary folder, with tokens for each role. */
import type { Role } from '@assay/contract/api'
import { encodePng } from '@assay/core'
import { createTestFolder } from '@assay/core/testing/folder'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { uuidv7 } from 'uuidv7'
import { openFolderBlobs } from '../blob/index.ts'
import { createConfig, type Limits } from '../config.ts'
import { openDatabase } from '../database/index.ts'
import { createApp } from '../http/index.ts'
import { createLog } from '../log.ts'
import type { Services } from '../services.ts'
import { createStores } from '../store/index.ts'
import { createBrightnessJudge, createIdleQueue, emptyDoctor, emptyLine, plainPictures } from './stand-in.ts'

export interface TestApp extends AsyncDisposable {
  readonly app: FastifyInstance
  readonly services: Services
  readonly tokens: Readonly<Record<Role, string>>
  /** Lines of its log. */
  readonly log: readonly string[]
  /** Answers a request below /api/v1 made with the token of a role. */
  readonly ask: (
    role: Role,
    method: Method,
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ) => Promise<Reply>
  /** Another server on the same database, as after a restart. */
  restart(): Promise<FastifyInstance>
}

type Method = NonNullable<InjectOptions['method']>

export interface Reply {
  readonly status: number
  // The answer of a route whose form the test knows.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any
  readonly headers: Readonly<Record<string, unknown>>
  readonly bytes: Buffer
}

export async function createTestApp(limits: Partial<Limits> = {}): Promise<TestApp> {
  const folder = await createTestFolder()
  const database = await openDatabase({ folder: folder.path })
  const config = createConfig({ folder: folder.path, limits: { pixels: 1_000_000, ...limits } })
  const blobs = openFolderBlobs({ folder: folder.at('blob'), scratch: config.scratch })
  const stores = createStores(database.db)
  const log: string[] = []
  const services: Services = {
    database,
    blobs,
    stores,
    queue: createIdleQueue(database, uuidv7),
    judge: createBrightnessJudge(stores, blobs),
    doctor: emptyDoctor,
    pictures: plainPictures,
    line: emptyLine,
    config,
    log: createLog({ write: (line) => log.push(line) }),
  }
  const app = await createApp(services)
  const token = async (role: Role): Promise<string> =>
    (await stores.access.createToken({ id: uuidv7(), name: role, role, expiresAt: null })).token
  const tokens = {
    operator: await token('operator'),
    engineer: await token('engineer'),
    admin: await token('admin'),
  }
  const more: FastifyInstance[] = []
  return {
    app,
    services,
    tokens,
    log,
    ask: async (role, method, path, body, headers = {}) => {
      const url = path.startsWith('/') ? `/api/v1${path}` : path
      const options = { method, url, headers: { authorization: `Bearer ${tokens[role]}`, ...headers } }
      return ask(app, { ...options, ...(body === undefined ? {} : { payload: body }) })
    },
    restart: async () => {
      const next = await createApp(services)
      more.push(next)
      return next
    },
    [Symbol.asyncDispose]: async () => {
      for (const one of [app, ...more]) await one.close()
      await database[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

export async function ask(app: FastifyInstance, options: InjectOptions): Promise<Reply> {
  const { statusCode: status, headers, rawPayload: bytes } = await app.inject(options)
  const isJson = (headers['content-type'] ?? '').includes('json')
  return { status, headers, bytes, body: isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : null }
}

export interface Part {
  readonly name: string
  readonly filename?: string
  readonly content: Uint8Array | string
}

/** A multipart body and its header. */
export function toForm(parts: readonly Part[]): { payload: Buffer; headers: Record<string, string> } {
  const boundary = 'assay-test-boundary'
  const chunks = parts.flatMap(({ name, filename, content }) => [
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n`,
    `${filename === undefined ? '' : 'content-type: application/octet-stream\r\n'}\r\n`,
    content,
    '\r\n',
  ])
  const payload = Buffer.concat([...chunks, `--${boundary}--\r\n`].map((chunk) => Buffer.from(chunk)))
  return { payload, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } }
}

/** A grey picture of one brightness. */
export function greyPng(value: number, side = 16): Promise<Uint8Array> {
  return encodePng(new Uint8Array(side * side).fill(value), side, side, 1)
}
