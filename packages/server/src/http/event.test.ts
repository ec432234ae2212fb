import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createTestApp, greyPng, toForm } from '../testing/app.ts'

test('a browser signs in, changes something, follows a job, signs out; and a stop lets it go, but not its request', async () => {
  await using studio = await createTestApp()
  const app = await studio.restart()
  await app.listen({ port: 0 })
  const address = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`
  const signedIn = await fetch(`${address}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: address, 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token: studio.tokens.engineer }),
  })
  const { csrf } = (await signedIn.json()) as { csrf: string }
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const headers = { cookie, origin: address, 'x-assay-csrf': csrf }
  const send = async (method: string, path: string, body?: object) =>
    fetch(address + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const product = (await (await send('POST', '/api/v1/products', { name: 'part' })).json()) as { id: string }
  const job = (await (await send('POST', '/api/v1/jobs', { kind: 'train', product: product.id })).json()) as {
    id: string
  }

  const events = await fetch(`${address}/api/v1/jobs/${job.id}/events`, { headers: { cookie } })
  expect(events.headers.get('content-type')).toContain('text/event-stream')
  let text = ''
  const reading = (async () => {
    for await (const chunk of events.body ?? []) text += Buffer.from(chunk).toString()
  })()
  await expect.poll(() => text).toContain('event: job\ndata: {')
  const wrong = await fetch(`${address}/api/v1/jobs/${job.id}/events`, {
    headers: { cookie, 'last-event-id': 'x' },
  })
  expect(wrong.status).toBe(400)

  const [out, after] = [await send('DELETE', '/api/v1/session'), await send('GET', '/api/v1/products')]
  expect([out.status, after.status]).toEqual([204, 401])

  // An upload is on its way when the server stops: it is answered, and the stream ends.
  const form = toForm([{ name: 'file', filename: 'a.png', content: await greyPng(7) }])
  const uploading = fetch(`${address}/api/v1/products/${product.id}/images`, {
    method: 'POST',
    headers: { ...form.headers, authorization: `Bearer ${studio.tokens.engineer}` },
    body: new Uint8Array(form.payload),
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  await app.close()
  await reading
  const answer = await uploading.then(
    ({ status }) => status,
    () => 0,
  )
  const { body } = await studio.ask('engineer', 'GET', `/products/${product.id}/images`)
  // Answered and kept, or, if it had not arrived, neither.
  expect([answer === 200, body.items.length === 1]).toEqual([body.items.length === 1, answer === 200])
})
