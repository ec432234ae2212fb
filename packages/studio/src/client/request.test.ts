import { afterEach, describe, expect, test, vi } from 'vitest'
import { isConnected, revival } from './connection.ts'
import { Fault } from './fault.ts'
import { addressOf, call, listenForSignOut, setSecret } from './request.ts'

interface Seen {
  readonly url: string
  readonly headers: Headers
}

/** Answers requests in turn; an Error is a lost connection. */
function answer(...answers: readonly (Response | Error)[]): readonly Seen[] {
  const seen: Seen[] = []
  vi.stubGlobal('fetch', async (url: string, { headers }: { headers: Headers }) => {
    const next = answers[seen.length] ?? new Error('internal: nobody expected this request')
    seen.push({ url, headers })
    if (next instanceof Error) throw next
    return next
  })
  return seen
}

const json = (value: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(value), { status, headers })
const problem = (status: number): Response =>
  json({ type: '', title: 'No.', status, code: 'X', hint: 'Do this.', request: '' }, status)

afterEach(() => {
  vi.unstubAllGlobals()
  setSecret(null)
})

describe('a request', () => {
  test('that lost its connection is sent again with the same key, so that nothing is done twice', async () => {
    const seen = answer(new TypeError('gone'), json({ id: 'p' }))
    const before = revival.value
    await call('createProduct', { body: { name: 'Flange' } })
    const keys = seen.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/)
    expect(keys[1]).toBe(keys[0])
    expect([isConnected.value, revival.value]).toEqual([true, before + 1])
  })

  test('that was refused because much is going on waits as it was told to', async () => {
    const seen = answer(json({}, 429, { 'retry-after': '0' }), json({ items: [] }))
    await expect(call('listProducts', {})).resolves.toEqual({ items: [] })
    expect(seen).toHaveLength(2)
  })

  test('that is wrong is not tried again, and its fault says what to do', async () => {
    const seen = answer(problem(409))
    const fault = await call('createProduct', { body: { name: 'Flange' } }).catch((error: unknown) => error)
    expect(fault).toBeInstanceOf(Fault)
    expect(fault).toMatchObject({ message: 'No.', hint: 'Do this.', status: 409 })
    expect(seen).toHaveLength(1)
  })

  test('shows the secret of the session only where something changes', async () => {
    setSecret('s3cret')
    const seen = answer(json({ items: [] }), json({ id: 'p' }))
    await call('listProducts', {})
    await call('createProduct', { body: { name: 'Flange' } })
    expect(seen.map(({ headers }) => headers.get('x-assay-csrf'))).toEqual([null, 's3cret'])
  })

  test('of somebody who is no longer known signs out', async () => {
    const heard = vi.fn()
    listenForSignOut(heard)
    answer(problem(401))
    await call('listProducts', {}).catch(() => {})
    expect(heard).toHaveBeenCalledOnce()
  })

  test('that is given up ends at once', async () => {
    const stop = new AbortController()
    answer(new TypeError('gone'))
    const asked = call('listProducts', { signal: stop.signal })
    stop.abort()
    await expect(asked).rejects.toThrow()
  })
})

test('an address holds its parameters escaped and leaves out what was not asked', () => {
  expect(addressOf('listImages', { product: 'a/b' }, { limit: 4, bucket: undefined })).toBe(
    '/api/v1/products/a%2Fb/images?limit=4',
  )
})
