/** Https with a certificate that is trusted for this file only. */
import tls from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { createTestFolder } from '../../testing/folder.ts'
import { drain } from '../../testing/drain.ts'
import { loopbackCertificate } from '../testing/certificate.ts'
import { makeWeights, publish } from '../testing/published.ts'
import { giveFile, serve, serveProxy } from '../testing/server.ts'
import { fetchWeights } from './fetch.ts'

const file = makeWeights()
const usual = tls.getCACertificates()

beforeAll(() => tls.setDefaultCACertificates([...usual, loopbackCertificate]))
afterAll(() => tls.setDefaultCACertificates(usual))

test('https goes through a tunnel of HTTPS_PROXY', async () => {
  await using folder = await createTestFolder()
  await using server = await serve(giveFile(file), { isSecure: true })
  await using proxy = await serveProxy()
  const entry = publish(file, server.origin)
  const env = { HTTPS_PROXY: proxy.origin, HTTP_PROXY: 'http://localhost:1' }
  const { result } = await drain(fetchWeights(entry.id, { cache: folder.path, catalogue: [entry], env }))
  expect(result.record.isPublished).toBe(true)
  expect(proxy.asked).toEqual([`CONNECT ${new URL(server.origin).host}`])
})

test('a tunnel that the proxy refuses is said', async () => {
  await using folder = await createTestFolder()
  await using proxy = await serve((_, response) => void response.end())
  const entry = publish(file, 'https://localhost:1')
  const options = { cache: folder.path, catalogue: [entry], env: { HTTPS_PROXY: proxy.origin } }
  await expect(
    drain(fetchWeights(entry.id, { ...options, wait: () => Promise.resolve() })),
  ).rejects.toMatchObject({
    code: 'WEIGHTS_DOWNLOAD_FAILED',
  })
})

test('https may lead on to https, but not down to http', async () => {
  await using folder = await createTestFolder()
  await using open = await serve(giveFile(file))
  await using server = await serve(
    (_, response) => void response.writeHead(302, { location: `${open.origin}/x` }).end(),
    { isSecure: true },
  )
  const entry = publish(file, server.origin)
  const run = fetchWeights(entry.id, { cache: folder.path, catalogue: [entry], env: {} })
  await expect(drain(run)).rejects.toThrow('is not followed')
  expect(open.requests).toEqual([])
})
