/** What people with bad intentions send: all of it is refused, and nothing of it is written. */
import { readdir } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { routes, roleNames, type Role, type Route } from '@assay/contract/api'
import { encodePng } from '@assay/core'
import { uuidv7 } from 'uuidv7'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ask, createTestApp, greyPng, toForm, type Part, type Reply, type TestApp } from '../testing/app.ts'
import { createCard } from '../testing/card.ts'

const limits = {
  pictureBytes: 20_000,
  requestBytes: 60_000,
  files: 5,
  pixels: 1_000_000,
  uploads: 2,
  signIns: 5,
  patienceMs: 1000,
  bytesPerSecond: 1000,
}

let studio: TestApp
let product: string
let port: number
let before: unknown

beforeAll(async () => {
  studio = await createTestApp(limits)
  product = (await studio.ask('engineer', 'POST', '/products', { name: 'part' })).body.id
  const model = {
    id: uuidv7(),
    product,
    origin: 'train',
    sha256: '1'.repeat(64),
    bytes: 1,
    card: createCard(),
  } as const
  await studio.services.stores.model.add(model)
  await studio.ask('engineer', 'POST', `/models/${model.id}/activate`)
  await studio.app.listen({ port: 0 })
  port = (studio.app.server.address() as { port: number }).port
})
afterAll(async () => {
  await studio[Symbol.asyncDispose]()
})
beforeEach(async () => {
  before = await written()
})
afterEach(async () => {
  expect(await written()).toEqual(before)
  expect(studio.log.filter((line) => line.includes('"level":"error"'))).toEqual([])
})

const tables = [
  'product',
  'image',
  'job',
  'model',
  'inspection',
  'decision',
  'token',
  'session',
  'watch',
  'hook',
]

/** All that could have been written: rows, kept files, files aside. */
async function written(): Promise<unknown> {
  const { database, blobs, config } = studio.services
  const counts = tables.map((table) => `(select count(*)::int from "${table}") as "${table}"`)
  const { rows } = await database.executeSql(`select ${counts.join(', ')}`)
  const kept = await Array.fromAsync(blobs.list())
  return { rows, kept: kept.length, aside: await readdir(config.scratch).catch(() => []) }
}

function refused(reply: Reply): [number, string] {
  expect(reply.headers['content-type']).toContain('application/problem+json')
  expect(JSON.stringify(reply.body)).not.toMatch(/node_modules|\.ts:|select |insert /)
  return [reply.status, reply.body.code]
}

const some = (path: string): string => `/api/v1${path.replaceAll(/:\w+/g, uuidv7())}`
const guarded = Object.entries(routes as Record<string, Route>).filter(([, { role }]) => role !== null)

test('every route but the sign-in refuses who has not signed in', async () => {
  const answers = []
  for (const [name, { method, path }] of guarded)
    answers.push([name, ...refused(await ask(studio.app, { method, url: some(path) }))])
  expect(answers).toEqual(guarded.map(([name]) => [name, 401, 'TOKEN_INVALID']))
  expect(Object.keys(routes).length - guarded.length).toBe(1)
})

test('every route refuses the role below its own', async () => {
  const above = guarded.filter(([, { role }]) => role !== 'operator')
  const answers = []
  for (const [name, { method, path, role }] of above) {
    const lower = roleNames[roleNames.indexOf(role as Role) - 1] as Role
    answers.push([name, ...refused(await studio.ask(lower, method, path.replaceAll(/:\w+/g, uuidv7())))])
  }
  expect(answers).toEqual(above.map(([name]) => [name, 403, 'ROLE_TOO_LOW']))
})

describe('forged tokens', () => {
  const forged: readonly (readonly [string, (real: string) => string])[] = [
    ['another of the same form', () => `Bearer assay_${'A'.repeat(43)}`],
    ['one that is cut', (real) => `Bearer ${real.slice(0, -1)}`],
    ['one in another case', (real) => `Bearer ${real.toUpperCase()}`],
    ['one with a space behind', (real) => `Bearer ${real} x`],
    ['none', () => 'Bearer '],
    ['another scheme', (real) => `Basic ${Buffer.from(`admin:${real}`).toString('base64')}`],
    ['SQL', () => `Bearer ' or 1=1; drop table token; --`],
    ['one without end', () => `Bearer ${'x'.repeat(5000)}`],
    ['the empty key of a backup', () => 'Bearer undefined'],
  ]
  test.each(forged)('%s', async (_, forge) => {
    const headers = { authorization: forge(studio.tokens.admin) }
    for (const path of ['/products', '/backup'])
      expect(refused(await studio.ask('admin', 'GET', path, undefined, headers))).toEqual([
        401,
        'TOKEN_INVALID',
      ])
  })

  test('an expired one, one that was ended, and the sessions of both', async () => {
    const { access } = studio.services.stores
    const { db } = studio.services.database
    const make = (expiresAt: Date | null) =>
      access.createToken({ id: uuidv7(), name: 'old', role: 'admin', expiresAt })
    const tokens = [await make(new Date(Date.now() + 60_000)), await make(null)] as const
    const cookies: string[] = []
    for (const { token } of tokens) {
      const who = await access.findToken(token)
      if (who !== null) cookies.push((await access.openSession(who, new Date(Date.now() + 60_000))).cookie)
    }
    expect(cookies).toHaveLength(2)
    await db
      .updateTable('token')
      .set({ expires_at: new Date(0) })
      .where('id', '=', tokens[0].row.id)
      .execute()
    await access.revokeToken(tokens[1].row.id)
    for (const { token } of tokens)
      expect(
        (await studio.ask('admin', 'GET', '/products', undefined, { authorization: `Bearer ${token}` }))
          .status,
      ).toBe(401)
    for (const cookie of cookies) {
      const reply = await ask(studio.app, {
        method: 'GET',
        url: '/api/v1/products',
        headers: { cookie: `assay=${cookie}` },
      })
      expect(reply.status).toBe(401)
    }
    for (const { row } of tokens) await db.deleteFrom('token').where('id', '=', row.id).execute()
  })
})

describe('requests that other sites make a browser send', () => {
  let cookie: string
  let csrf: string
  beforeAll(async () => {
    const signedIn = await studio.app.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload: { token: studio.tokens.admin },
    })
    csrf = signedIn.json().csrf
    const [set] = signedIn.cookies
    cookie = `${set?.name}=${set?.value}`
    expect(set).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' })
  })
  const send = (headers: Record<string, string>, method: 'POST' | 'DELETE' = 'POST') =>
    ask(studio.app, {
      method,
      url: method === 'POST' ? '/api/v1/products' : `/api/v1/products/${product}`,
      headers: { cookie, ...headers },
      ...(method === 'POST' ? { payload: { name: 'planted' } } : {}),
    })

  test.each<[string, () => Record<string, string>]>([
    ['without the secret', () => ({})],
    ['with a wrong secret', () => ({ 'x-assay-csrf': 'x'.repeat(43) })],
    [
      'with the secret, but from another site',
      () => ({ 'x-assay-csrf': csrf, 'sec-fetch-site': 'cross-site' }),
    ],
    [
      'with the secret, but from a sister site',
      () => ({ 'x-assay-csrf': csrf, 'sec-fetch-site': 'same-site' }),
    ],
    [
      'with the secret and a foreign origin',
      () => ({ 'x-assay-csrf': csrf, origin: 'https://evil.example' }),
    ],
    ['with the secret and no origin', () => ({ 'x-assay-csrf': csrf, origin: 'null' })],
  ])('%s', async (_, headers) => {
    expect(refused(await send(headers()))).toEqual([403, 'REQUEST_FOREIGN'])
    expect(refused(await send(headers(), 'DELETE'))).toEqual([403, 'REQUEST_FOREIGN'])
  })

  test('a form, as a page of another site can send one', async () => {
    const form = { 'content-type': 'text/plain', 'x-assay-csrf': csrf }
    const reply = await ask(studio.app, {
      method: 'POST',
      url: '/api/v1/products',
      headers: { cookie, ...form },
      payload: '{"name":"planted"}',
    })
    expect(refused(reply)).toEqual([400, 'REQUEST_INVALID'])
  })

  test('signing a visitor in under another name', async () => {
    const reply = await ask(studio.app, {
      method: 'POST',
      url: '/api/v1/session',
      headers: { origin: 'https://evil.example' },
      payload: { token: studio.tokens.operator },
    })
    expect(refused(reply)).toEqual([403, 'REQUEST_FOREIGN'])
    expect(reply.headers['set-cookie']).toBeUndefined()
  })

  test('no answer may be read, framed or run by another site', async () => {
    const { headers } = await studio.ask('operator', 'GET', '/products')
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })
})

test('guessing tokens is slowed down, and the answer says for how long', async () => {
  const replies = []
  for (let i = 0; i < limits.signIns + 1; i++)
    replies.push(
      await ask(studio.app, {
        method: 'POST',
        url: '/api/v1/session',
        remoteAddress: '192.0.2.7',
        payload: { token: `guess-number-${i}-xxxxxxxx` },
      }),
    )
  expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401, 429])
  const last = replies.at(-1)
  expect(last?.body.code).toBe('STUDIO_BUSY')
  expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0)
})

describe('paths that lead elsewhere', () => {
  test.each([
    '/api/v1/images/..%2f..%2f..%2fetc%2fpasswd/file',
    '/api/v1/images/%2e%2e/file',
    '/api/v1/products/../../../../etc/passwd',
    '/api/v1/images/00000000-0000-0000-0000-000000000000/file',
    `/api/v1/images/${uuidv7()}%00/file`,
    '/assets/../../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/..%2f..%2fetc/passwd',
    '/api/v1/%E0%A4%A',
    '/api/v1/images/%ff/file',
  ])('%s', async (url) => {
    const headers = { authorization: `Bearer ${studio.tokens.admin}` }
    const reply = await ask(studio.app, { method: 'GET', url, headers })
    // What is left of some of them is an address of the page.
    if (reply.status === 200) expect(reply.bytes.toString()).toContain('<title>Assay Studio</title>')
    else expect([400, 404]).toContain(reply.status)
    expect(reply.bytes.toString()).not.toMatch(/root:|"workspaces"/)
  })
})

describe('uploads', () => {
  const send = async (
    parts: readonly Part[],
    to = `/products/${product}/images`,
    role: Role = 'engineer',
  ) => {
    const { payload, headers } = toForm(parts)
    return studio.ask(role, 'POST', to, payload, headers)
  }
  const file = (content: Uint8Array | string, filename = 'part.png'): Part => ({
    name: 'file',
    filename,
    content,
  })
  const noise = Buffer.alloc(30_000, 'noise')

  test.each<[string, () => Promise<readonly Part[]>, number, string]>([
    ['no file at all', async () => [{ name: 'bucket', content: 'good' }], 400, 'REQUEST_INVALID'],
    [
      'a part of another name',
      async () => [{ ...file(await greyPng(1)), name: 'picture' }],
      400,
      'REQUEST_INVALID',
    ],
    [
      'a bucket that is none',
      async () => [{ name: 'bucket', content: '../good' }, file(await greyPng(1))],
      400,
      'REQUEST_INVALID',
    ],
    [
      'a field that is none',
      async () => [{ name: 'url', content: 'http://169.254.169.254/' }, file(await greyPng(1))],
      400,
      'REQUEST_INVALID',
    ],
    [
      'a field given twice',
      async () => [
        { name: 'bucket', content: 'good' },
        { name: 'bucket', content: 'defect' },
        file(await greyPng(1)),
      ],
      400,
      'REQUEST_INVALID',
    ],
    [
      'the prototype of all objects',
      async () => [{ name: '__proto__', content: 'x' }, file(await greyPng(1))],
      400,
      'REQUEST_INVALID',
    ],
    [
      'more files than are taken',
      async () => Array.from({ length: 6 }, () => file('x')),
      413,
      'UPLOAD_TOO_LARGE',
    ],
    [
      'more bytes than are taken',
      async () => Array.from({ length: 5 }, () => file(noise.subarray(0, 19_000))),
      413,
      'UPLOAD_TOO_LARGE',
    ],
  ])('%s', async (_, parts, status, code) => {
    expect(refused(await send(await parts()))).toEqual([status, code])
  })

  test.each<[string, () => Promise<Uint8Array | string>, string]>([
    ['an empty file', async () => '', 'IMAGE_UNREADABLE'],
    ['a page', async () => '<html><script>alert(1)</script>', 'IMAGE_UNREADABLE'],
    [
      'a drawing that loads others',
      async () => '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
      'IMAGE_UNSUPPORTED',
    ],
    [
      'a picture cut short',
      async () =>
        (
          await encodePng(
            new Uint8Array(200 * 200).map((_, i) => i * 7),
            200,
            200,
            1,
          )
        ).subarray(0, 900),
      'IMAGE_UNREADABLE',
    ],
    [
      'a picture of too many pixels',
      async () => encodePng(new Uint8Array(1100 * 1100), 1100, 1100, 1),
      'IMAGE_TOO_LARGE',
    ],
    ['a header that promises more than the world holds', async () => bomb(), 'IMAGE_TOO_LARGE'],
    ['too many bytes', async () => noise, 'UPLOAD_TOO_LARGE'],
  ])('%s as a picture', async (_, content, code) => {
    const { status, body } = await send([file(await content())])
    expect([status, body.items[0].image, body.items[0].error.code]).toEqual([200, null, code])
    const inspected = await send([file(await content())], `/products/${product}/inspections`, 'operator')
    expect(inspected.status).toBeGreaterThanOrEqual(400)
    expect(inspected.status).toBeLessThan(500)
  })

  test('something else as a model is refused by the name that it came with', async () => {
    const reply = await send([file('no model', 'best.onnx')], `/products/${product}/models`)
    expect(refused(reply)).toEqual([422, 'MODEL_UNREADABLE'])
    expect(reply.body.title).toBe('Cannot open the model best.onnx: it is none.')
  })

  test('something that is no form', async () => {
    const path = `/products/${product}/images`
    for (const type of [
      'application/json',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'image/png',
    ])
      expect(
        (await studio.ask('engineer', 'POST', path, Buffer.from('{}'), { 'content-type': type })).status,
      ).toBe(400)
  })

  test('more of them at once than are taken are refused, and the others go on', async () => {
    const form = toForm([file(noise), { name: 'bucket', content: 'nowhere' }])
    const open = [await openUpload(form, 1000, 600), await openUpload(form, 1000, 600)]
    const third = await studio.ask(
      'engineer',
      'POST',
      `/products/${product}/images`,
      form.payload,
      form.headers,
    )
    expect(refused(third)).toEqual([429, 'STUDIO_BUSY'])
    expect(third.headers['retry-after']).toBeDefined()
    for (const { finish, answer } of open) {
      finish()
      expect(await answer).toContain('400 Bad Request')
    }
  })
})

test('the name of a file is only a name', async () => {
  const names = ['../../etc/passwd', 'C:\\Windows\\win.ini', '..', 'a\u202Egnp.exe', 'x'.repeat(900)]
  const { toFileName } = await import('../store/index.ts')
  expect(names.map(toFileName)).toEqual(['passwd', 'win.ini', 'picture', 'agnp.exe', 'x'.repeat(200)])
})

describe('JSON', () => {
  test.each<[string, string]>([
    ['that is cut', '{"name":'],
    ['that is none', 'name=part'],
    ['of another kind', '["part"]'],
    ['that is nothing', ''],
    ['with a key that is none', '{"name":"new","role":"admin"}'],
    ['with another type', '{"name":{"$gt":""}}'],
    ['with a path', '{"name":"../part"}'],
    ['with the character 0', '{"name":"a\\u0000b"}'],
    ['with half a character', '{"name":"a\\ud800"}'],
    ['with a prototype', '{"name":"new","__proto__":{"role":"admin"}}'],
    ['with a constructor', '{"name":"new","constructor":{"prototype":{"role":"admin"}}}'],
    ['that is deep', `{"name":${'['.repeat(50_000)}${']'.repeat(50_000)}}`],
    ['that is not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1')],
  ])('%s', async (_, text) => {
    const reply = await studio.ask('engineer', 'POST', '/products', Buffer.from(text), {
      'content-type': 'application/json',
    })
    expect(refused(reply)).toEqual([400, 'REQUEST_INVALID'])
  })

  test('without end', async () => {
    const text = JSON.stringify({ name: 'x'.repeat(2 ** 20) })
    const headers = { 'content-type': 'application/json' }
    const reply = await studio.ask('engineer', 'POST', '/products', Buffer.from(text), headers)
    expect(refused(reply)).toEqual([413, 'UPLOAD_TOO_LARGE'])
  })

  test.each([
    '?limit=0',
    '?limit=1e9',
    '?limit=-1',
    '?cursor=x',
    '?name=%00',
    '?verdict=drop',
    '?minScore=Infinity',
    '?from=yesterday',
    '?product=1',
    '?unknown=1',
    '?name=a&name=b',
    `?cursor=${Buffer.from(`1:' or 1=1`).toString('base64url')}`,
  ])('a query %s', async (query) => {
    expect(refused(await studio.ask('operator', 'GET', `/inspections${query}`))).toEqual([
      400,
      'REQUEST_INVALID',
    ])
  })
})

describe('requests that want the server to ask elsewhere', () => {
  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://localhost:5432',
    'file:///etc/passwd',
    'mes ',
  ])('a message to %s', async (target) => {
    const body = { product, target, on: 'every' }
    expect(refused(await studio.ask('admin', 'POST', '/hooks', body))).toEqual([400, 'REQUEST_INVALID'])
  })

  test.each(['/', '/etc', '../..', '\\\\server\\share', 'http://evil.example/'])(
    'a watch on %s',
    async (folder) => {
      const { status } = await studio.ask('admin', 'POST', '/watches', { product, folder })
      expect(status).toBe(403)
    },
  )
})

describe('slow clients are let go', () => {
  test('one that sends its headers letter by letter', async () => {
    const socket = await open()
    const closed = text(socket)
    socket.write('GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ')
    expect(await closed).toMatch(/^(?:HTTP\/1\.1 408|$)/)
  })

  test('one that begins a JSON body and falls silent', async () => {
    const socket = await open()
    socket.write(head('/api/v1/products', 'application/json', 100))
    socket.write('{"name"')
    expect(await text(socket)).toContain('408 Request Timeout')
  })

  test('one whose file comes drop by drop', async () => {
    const form = toForm([{ name: 'file', filename: 'a', content: 'a'.repeat(5000) }])
    const { answer } = await openUpload(form, 120, 3)
    expect(await answer).toContain('UPLOAD_TOO_SLOW')
  })

  test('one that goes away in the middle leaves nothing behind', async () => {
    const { socket } = await openUpload(
      toForm([{ name: 'file', filename: 'a', content: 'a'.repeat(5000) }]),
      2000,
    )
    socket.destroy()
    await expect.poll(() => uploads()).toBe(0)
  })
})

async function uploads(): Promise<number> {
  const { bytes } = await studio.ask('operator', 'GET', '/products', undefined, {})
  expect(bytes.length).toBeGreaterThan(0)
  const metrics = await ask(studio.app, {
    method: 'GET',
    url: '/metrics',
    headers: { authorization: `Bearer ${studio.tokens.operator}` },
  })
  return Number(/^assay_uploads (\d+)$/m.exec(metrics.bytes.toString())?.[1])
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.on('error', reject)
  })
}

/** Everything until the other side closes. */
async function text(socket: Socket): Promise<string> {
  let all = ''
  for await (const chunk of socket) all += String(chunk)
  return all
}

function head(path: string, type: string, length: number): string {
  return [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'connection: close',
    `authorization: Bearer ${studio.tokens.engineer}`,
    `content-type: ${type}`,
    `content-length: ${length}`,
    '\r\n',
  ].join('\r\n')
}

interface OpenUpload {
  readonly socket: Socket
  readonly answer: Promise<string>
  /** Sends what is left. */
  readonly finish: () => void
}

/** An upload of which the first bytes have been sent, and then `drip` ten times a second. */
async function openUpload(
  { payload, headers }: ReturnType<typeof toForm>,
  bytes: number,
  drip = 0,
): Promise<OpenUpload> {
  const socket = await open()
  socket.on('error', () => {})
  const running = await uploads()
  socket.write(head(`/api/v1/products/${product}/images`, headers['content-type'] ?? '', payload.length))
  let sent = 0
  const send = (count: number): void => {
    socket.write(payload.subarray(sent, sent + count))
    sent += count
  }
  send(bytes)
  const timer = setInterval(() => send(drip), 100)
  socket.on('close', () => clearInterval(timer))
  await expect.poll(() => uploads()).toBe(running + 1)
  const finish = (): void => {
    clearInterval(timer)
    send(payload.length)
  }
  return { socket, finish, answer: text(socket).catch(() => '') }
}

/** A PNG whose header says 100,000 x 100,000. */
async function bomb(): Promise<Uint8Array> {
  const png = Buffer.from(await encodePng(new Uint8Array(64 * 64), 64, 64, 1))
  png.writeUInt32BE(100_000, 16)
  png.writeUInt32BE(100_000, 20)
  // The sum of the header, or it would be refused for that.
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29)
  return png
}

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}
