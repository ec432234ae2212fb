/** The studio as a process: starts, answers, is backed up while it runs, stops when asked, and comes back elsewhere. */
import { spawn, type ChildProcess } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { encodePng } from '@assay/core'
import { createTestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'

const launcher = fileURLToPath(new URL('../packages/cli/bin/assay.js', import.meta.url))

/** What a command printed, when it has ended. */
async function run(...args: string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += String(chunk)))
  return { code: await ended(child), out }
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('close', resolve)
  })
}

async function start(folder: string) {
  const args = [launcher, 'studio', '--data', folder, '--port', '0', '--jobs', '0', '--json', '--quiet']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  const said = new Promise<{ address: string; token: string; link: string }>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      text += String(chunk)
      if (text.includes('}')) resolve(JSON.parse(text))
    })
    child.on('exit', (code) => reject(new Error(`the studio ended with ${code}`)))
  })
  return { child, ...(await said) }
}

test('a studio starts, is backed up while it runs, stops when asked, and comes back elsewhere', async () => {
  await using folder = await createTestFolder()
  const studio = await start(folder.at('data'))
  expect(studio.link).toBe(`${studio.address}/sign-in#${studio.token}`)
  expect(await (await fetch(`${studio.address}/health`)).json()).toMatchObject({ status: 'ok' })
  const headers = { authorization: `Bearer ${studio.token}` }
  const send = async (path: string, body: string | FormData) => {
    const type = typeof body === 'string' ? { 'content-type': 'application/json' } : {}
    const response = await fetch(`${studio.address}/api/v1${path}`, {
      method: 'POST',
      headers: { ...headers, ...type },
      body,
    })
    return response.json() as Promise<Record<string, unknown>>
  }
  const product = await send('/products', '{"name":"part"}')
  const form = new FormData()
  const png = await encodePng(new Uint8Array(64 * 64).fill(90), 64, 64, 1)
  form.append('file', new Blob([Uint8Array.from(png)]), 'a.png')
  const uploaded = await send(`/products/${String(product['id'])}/images`, form)
  expect(uploaded).toMatchObject({ items: [{ error: null }] })

  const second = await run('studio', '--data', folder.at('data'), '--port', '0')
  expect([second.code, second.out]).toEqual([73, expect.stringContaining(`process ${studio.child.pid}`)])
  const backup = await run('studio', 'backup', folder.at('b.tar'), '--data', folder.at('data'))
  expect(backup).toMatchObject({ code: 0 })

  const end = ended(studio.child)
  studio.child.kill('SIGTERM')
  expect(await end).toBe(0)
  // Nothing is left that says it runs, or that a start would have to clean up.
  const left = await readdir(folder.at('data'))
  expect(left.filter((name) => name.endsWith('.lock') || name === 'running.json')).toEqual([])

  const misplaced = await run('studio', '--data', folder.at('other'), 'restore', folder.at('b.tar'))
  expect(misplaced.code).toBe(64)
  const restored = await run('studio', 'restore', folder.at('b.tar'), '--data', folder.at('other'))
  expect(restored).toMatchObject({ code: 0, out: expect.stringContaining('and 1 files') })
  // The link still opens the studio that was restored: tokens are part of it.
  const again = await start(folder.at('other'))
  const list = await fetch(`${again.address}/api/v1/products`, { headers })
  expect(await list.json()).toMatchObject({ items: [{ name: 'part', images: { unsorted: 1 } }] })
  const over = ended(again.child)
  again.child.kill('SIGINT')
  expect(await over).toBe(0)
})
