import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask, createTestApp, greyPng, toForm, type TestApp } from '../testing/app.ts'
import { createCard } from '../testing/card.ts'
import { uuidv7 } from 'uuidv7'

interface ItemShape {
  readonly name: string
  readonly image: { readonly bucket: string } | null
  readonly isDuplicate: boolean
  readonly error: { readonly code: string } | null
}

let studio: TestApp

beforeAll(async () => {
  studio = await createTestApp()
})
afterAll(async () => {
  await studio[Symbol.asyncDispose]()
})

let count = 0
async function newProduct(): Promise<string> {
  const { status, body } = await studio.ask('engineer', 'POST', '/products', { name: `product ${count++}` })
  expect(status).toBe(200)
  return body.id
}

async function upload(product: string, values: readonly number[], fields: Record<string, string> = {}) {
  const files = await Promise.all(
    values.map(async (value) => ({ name: 'file', filename: `${value}.png`, content: await greyPng(value) })),
  )
  const { payload, headers } = toForm([
    ...Object.entries(fields).map(([name, content]) => ({ name, content })),
    ...files,
  ])
  return studio.ask('engineer', 'POST', `/products/${product}/images`, payload, headers)
}

async function addModel(product: string): Promise<string> {
  const id = uuidv7()
  const card = createCard()
  await studio.services.stores.model.add({
    id,
    product,
    origin: 'train',
    sha256: '1'.repeat(64),
    bytes: 1,
    card,
  })
  return id
}

async function inspect(product: string, value: number, headers: Record<string, string> = {}) {
  const form = toForm([{ name: 'file', filename: 'new.png', content: await greyPng(value) }])
  return studio.ask('operator', 'POST', `/products/${product}/inspections`, form.payload, {
    ...form.headers,
    ...headers,
  })
}

describe('products and pictures', () => {
  test('a product has a name that no other has, whatever the case', async () => {
    const first = await studio.ask('engineer', 'POST', '/products', { name: 'Cookie' })
    expect(first.status).toBe(200)
    const second = await studio.ask('engineer', 'POST', '/products', { name: 'cookie' })
    expect([second.status, second.body.code]).toEqual([409, 'CONFLICT'])
    expect(second.headers['content-type']).toContain('application/problem+json')
  })

  test('pictures land in their bucket, a second copy is not kept, a broken one does not stop the others', async () => {
    const product = await newProduct()
    const { payload, headers } = toForm([
      { name: 'bucket', content: 'good' },
      { name: 'file', filename: 'a.png', content: await greyPng(10) },
      { name: 'file', filename: 'broken.png', content: 'no picture' },
      { name: 'file', filename: 'same as a.png', content: await greyPng(10) },
    ])
    const { status, body } = await studio.ask(
      'engineer',
      'POST',
      `/products/${product}/images`,
      payload,
      headers,
    )
    expect(status).toBe(200)
    expect(
      body.items.map((i: ItemShape) => [
        i.name,
        i.image?.bucket ?? null,
        i.isDuplicate,
        i.error?.code ?? null,
      ]),
    ).toEqual([
      ['a.png', 'good', false, null],
      ['broken.png', null, false, 'IMAGE_UNREADABLE'],
      ['same as a.png', 'good', true, null],
    ])
    const list = await studio.ask('operator', 'GET', `/products/${product}/images`)
    expect(list.body.items).toHaveLength(1)
    const [{ id }] = list.body.items
    const file = await studio.ask('operator', 'GET', `/images/${id}/file`)
    expect([file.status, file.headers['content-type']]).toEqual([200, 'image/png'])
    expect(file.bytes.equals(await greyPng(10))).toBe(true)
    const again = await studio.ask('operator', 'GET', `/images/${id}/file`, undefined, {
      'if-none-match': String(file.headers['etag']),
    })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
  })
})

test('many pictures are moved together or not at all, and a deleted one comes back with its upload', async () => {
  const product = await newProduct()
  const { body } = await upload(product, [1, 2, 3])
  const ids: string[] = body.items.map((i: { image: { id: string } }) => i.image.id)
  const patch = (images: readonly string[], change: object) =>
    studio.ask('engineer', 'PATCH', `/products/${product}/images`, { images, ...change })
  const bad = await patch([...ids, uuidv7()], { bucket: 'good' })
  expect(bad.status).toBe(404)
  expect((await studio.ask('operator', 'GET', `/products/${product}`)).body.images).toMatchObject({
    unsorted: 3,
  })
  await patch(ids.slice(0, 2), { bucket: 'defect', defect: 'scratch' })
  await patch(ids.slice(2), { deleted: true })
  const after = await studio.ask('operator', 'GET', `/products/${product}`)
  expect(after.body.images).toEqual({ good: 0, defect: 2, unsorted: 0 })
  const defects = await studio.ask('operator', 'GET', `/products/${product}/images?defect=scratch`)
  expect(defects.body.items.map((i: { split: string }) => i.split)).toEqual(['test', 'test'])
  const back = await upload(product, [3], { bucket: 'good' })
  expect(back.body.items[0]).toMatchObject({
    isDuplicate: false,
    image: { id: ids[2], bucket: 'good', deletedAt: null },
  })
})

test('a list is read page by page without a gap and without a repetition', async () => {
  const product = await newProduct()
  await upload(product, [1, 2, 3, 4, 5])
  const seen: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const path: string = `/products/${product}/images?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`
    const { body } = await studio.ask('operator', 'GET', path)
    seen.push(...body.items.map((i: { name: string }) => i.name))
    cursor = body.next
  }
  expect(seen).toEqual(['5.png', '4.png', '3.png', '2.png', '1.png'])
})

describe('models', () => {
  test('the newest is activated, and a roll-back leads to the one before', async () => {
    const product = await newProduct()
    const [first, second] = [await addModel(product), await addModel(product)]
    expect((await inspect(product, 10)).body.code).toBe('NO_MODEL')
    for (const model of [first, second]) await studio.ask('engineer', 'POST', `/models/${model}/activate`)
    const active = await studio.ask('operator', 'GET', `/products/${product}/models`)
    expect(
      active.body.items.map((m: { version: number; isActive: boolean }) => [m.version, m.isActive]),
    ).toEqual([
      [2, true],
      [1, false],
    ])
    const back = await studio.ask('engineer', 'POST', `/products/${product}/roll-back`)
    expect([back.body.id, back.body.isActive]).toEqual([first, true])
    expect((await studio.ask('engineer', 'POST', `/products/${product}/roll-back`)).body.code).toBe(
      'CONFLICT',
    )
  })

  test('a model of another product is not activated as a shadow', async () => {
    const [one, other] = [await newProduct(), await newProduct()]
    const model = await addModel(other)
    const { status } = await studio.ask('engineer', 'PATCH', `/products/${one}`, { shadowModel: model })
    expect(status).toBe(404)
  })

  test('ten models that are added at once get ten versions', async () => {
    const product = await newProduct()
    await Promise.all(Array.from({ length: 10 }, () => addModel(product)))
    const { body } = await studio.ask('operator', 'GET', `/products/${product}/models`)
    expect(body.items.map((m: { version: number }) => m.version)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  })
})

describe('inspections', () => {
  let product: string
  beforeAll(async () => {
    product = await newProduct()
    const model = await addModel(product)
    await studio.ask('engineer', 'POST', `/models/${model}/activate`)
    for (const value of [10, 20, 200]) await inspect(product, value)
  })

  test('they are searched by verdict, score, name and time', async () => {
    const found = async (query: string): Promise<number> =>
      (await studio.ask('operator', 'GET', `/inspections?product=${product}&${query}`)).body.items.length
    expect(await found('verdict=defect')).toBe(1)
    expect(await found('verdict=good&maxScore=0.03')).toBe(1)
    expect(await found('name=ew.p')).toBe(3)
    expect(await found('name=%25')).toBe(0)
    expect(await found(`from=${new Date(Date.now() + 60_000).toISOString()}`)).toBe(0)
    expect(await found('decided=true')).toBe(0)
  })

  test("a human's decision stands beside the model's, enters the material, and can be taken back", async () => {
    const list = await studio.ask('operator', 'GET', `/inspections?product=${product}&verdict=defect`)
    const [before] = list.body.items
    const counts = async () => (await studio.ask('operator', 'GET', `/products/${product}`)).body.images
    const path = `/inspections/${before.id}/decision`
    const decided = await studio.ask('operator', 'PUT', path, { verdict: 'good' })
    expect(decided.body).toMatchObject({
      record: before.record,
      decision: { verdict: 'good', by: 'operator' },
    })
    expect(await counts()).toEqual({ good: 1, defect: 0, unsorted: 0 })
    await studio.ask('operator', 'PUT', path, { verdict: 'defect' })
    expect(await counts()).toEqual({ good: 0, defect: 1, unsorted: 0 })
    const undone = await studio.ask('operator', 'DELETE', path)
    expect(undone.body).toEqual(before)
    expect(await counts()).toEqual({ good: 0, defect: 0, unsorted: 0 })
  })

  test('taking back a decision leaves a picture alone that was there before it', async () => {
    const added = await upload(product, [20], { bucket: 'good' })
    expect(added.body.items[0].isDuplicate).toBe(false)
    const list = await studio.ask('operator', 'GET', `/inspections?product=${product}`)
    const { id } = list.body.items[1]
    const decided = await studio.ask('operator', 'PUT', `/inspections/${id}/decision`, { verdict: 'good' })
    expect(decided.body.decision.image).toBeNull()
    await studio.ask('operator', 'DELETE', `/inspections/${id}/decision`)
    const { body } = await studio.ask('operator', 'GET', `/products/${product}`)
    expect(body.images.good).toBe(1)
  })

  test('they are exported as CSV, JSON and a page, and no name becomes a formula or a tag', async () => {
    const form = toForm([{ name: 'file', filename: '=cmd(1),<b>.png', content: await greyPng(11) }])
    await studio.ask('operator', 'POST', `/products/${product}/inspections`, form.payload, form.headers)
    const get = async (format: string) =>
      studio.ask('operator', 'GET', `/inspections/export?product=${product}&format=${format}`)
    const csv = await get('csv')
    expect(csv.headers['content-disposition']).toContain('attachment')
    const lines = csv.bytes.toString().trimEnd().split('\r\n')
    expect(lines).toHaveLength(5)
    expect(lines[1]).toContain(`"'=cmd`)
    expect(JSON.parse((await get('json')).bytes.toString())).toHaveLength(4)
    expect((await get('html')).bytes.toString()).toContain('&lt;b&gt;')
  })

  test('map, mask and picture are there to be seen', async () => {
    const list = await studio.ask('operator', 'GET', `/inspections?product=${product}&limit=1`)
    const { id } = list.body.items[0]
    const types = await Promise.all(
      ['picture', 'map?format=tiff', 'map', 'mask', 'view'].map(
        async (what) =>
          (await studio.ask('operator', 'GET', `/inspections/${id}/${what}`)).headers['content-type'],
      ),
    )
    expect(types).toEqual(['image/png', 'image/tiff', 'image/png', 'image/png', 'image/webp'])
  })
})

describe('a request with an idempotency key', () => {
  const key = { 'idempotency-key': 'key-1' }

  test('does its work once and gives the same answer again', async () => {
    const first = await studio.ask('engineer', 'POST', '/products', { name: 'once' }, key)
    const second = await studio.ask('engineer', 'POST', '/products', { name: 'once' }, key)
    expect(second.body).toEqual(first.body)
    expect(second.headers['idempotency-replayed']).toBe('true')
    const other = await studio.ask('engineer', 'POST', '/products', { name: 'another' }, key)
    expect([other.status, other.body.code]).toEqual([422, 'KEY_REUSED'])
    // Keys of one token are no business of another.
    expect((await studio.ask('admin', 'POST', '/products', { name: 'another' }, key)).status).toBe(200)
  })

  test('that comes many times at once runs once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, () =>
        studio.ask('engineer', 'POST', '/products', { name: 'at once' }, { 'idempotency-key': 'many' }),
      ),
    )
    expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(replies.every(({ status, body }) => status === 200 || body.code === 'KEY_RUNNING')).toBe(true)
  })

  test('whose first try died with the server makes the thing that the first one was to make', async () => {
    const { stores } = studio.services
    const created = await studio.ask(
      'engineer',
      'POST',
      '/products',
      { name: 'after a crash' },
      { 'idempotency-key': 'crash' },
    )
    // As a server that died between its work and its answer leaves the row.
    const { db } = studio.services.database
    await db
      .updateTable('idempotency')
      .set({ status: null, response: null, run: uuidv7() })
      .where('key', '=', 'crash')
      .execute()
    const next = await studio.restart()
    const again = await ask(next, {
      method: 'POST',
      url: '/api/v1/products',
      headers: { authorization: `Bearer ${studio.tokens.engineer}`, 'idempotency-key': 'crash' },
      payload: { name: 'after a crash' },
    })
    expect(again.body).toEqual(created.body)
    expect((await stores.product.list()).filter(({ name }) => name === 'after a crash')).toHaveLength(1)
  })

  test('that was refused for good is refused the same way again', async () => {
    const product = uuidv7()
    const headers = { 'idempotency-key': 'refused' }
    const refuse = () => studio.ask('engineer', 'POST', `/products/${product}/roll-back`, undefined, headers)
    const first = await refuse()
    expect([first.status, (await refuse()).body]).toEqual([404, first.body])
  })
})

test('every change is in the log of changes with its outcome, and no secret is', async () => {
  const { body: made } = await studio.ask('admin', 'POST', '/tokens', { name: 'camera 3', role: 'operator' })
  await studio.ask('admin', 'DELETE', `/tokens/${made.id}`)
  await studio.ask('admin', 'DELETE', `/tokens/${uuidv7()}`)
  const { body } = await studio.ask('admin', 'GET', '/audit?limit=3')
  expect(
    body.items.map((i: { action: string; by: string; detail: { outcome: string } }) => [
      i.action,
      i.by,
      i.detail.outcome,
    ]),
  ).toEqual([
    ['revokeToken', 'admin', 'NOT_FOUND'],
    ['revokeToken', 'admin', 'done'],
    ['createToken', 'admin', 'done'],
  ])
  expect(body.items[2].subject).toBe(made.id)
  expect(JSON.stringify((await studio.ask('admin', 'GET', '/audit?limit=500')).body)).not.toContain(
    made.token,
  )
  const rows = await studio.services.database.executeSql('select * from token')
  expect(JSON.stringify(rows)).not.toContain(made.token)
})

test('health is open, metrics are not, and the API describes itself', async () => {
  const open = await ask(studio.app, { method: 'GET', url: '/health' })
  expect([open.status, open.body.status]).toEqual([200, 'ok'])
  expect((await ask(studio.app, { method: 'GET', url: '/metrics' })).status).toBe(401)
  const { bytes } = await ask(studio.app, {
    method: 'GET',
    url: '/metrics',
    headers: { authorization: `Bearer ${studio.tokens.operator}` },
  })
  expect(bytes.toString()).toMatch(/assay_inspections_total\{verdict="good"\} [3-9]/)
  const { body } = await ask(studio.app, { method: 'GET', url: '/api/v1/openapi.json' })
  expect(body.openapi).toBe('3.1.0')
  expect(body.paths['/api/v1/products/{product}/images'].post.requestBody.content).toHaveProperty(
    'multipart/form-data',
  )
})

test('the log of the server holds no fault after all this', () => {
  expect(studio.log.filter((line) => line.includes('"level":"error"'))).toEqual([])
})
