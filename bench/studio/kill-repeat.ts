/**
 * Kills a running studio again and again under clients that repeat each request with its idempotency key until it is
 * answered, as the page does, and then counts: everything must have been done exactly once.
 *
 *   npx node bench/studio/kill-repeat.ts [--rounds 12] [--seed 1] [--database postgres://...] [--out <csv>]
 *
 * Beside uploads and inspections one training after the other runs; each must end with one model. `kill.ts` is the
 * same for clients that do not repeat.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { decodeImage, encodePng, synthesiseDataset, type Image } from '@assay/core'
import { createRandom } from '../../packages/core/src/random.ts'

class Refusal extends Error {}

type Json = Readonly<Record<string, unknown>>

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    seed: { type: 'string', default: '1' },
    database: { type: 'string' },
    out: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const random = createRandom(Number(values.seed), 'kill')
const launcher = fileURLToPath(new URL('../../packages/cli/bin/assay.js', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'assay-kill-'))
const port = await findPort()
const base = `http://127.0.0.1:${port}/api/v1`
const training = 12
let isOver = false

let { child, token } = await start()
token = String((await ask('POST', '/tokens', { name: 'kill', role: 'admin' }))['token'])
const pictures = await drawPictures()
const jobs: string[] = []
const uploads: { readonly id: string; readonly sha256: string }[] = []
const inspections: string[] = []
let count = 0
const product = String((await ask('POST', '/products', { name: 'part' }))['id'])
for (let i = 0; i < training; i++) await upload(await nextPicture(), 'good')
await finished(await train(true))

const stop = new AbortController()
const began = performance.now()
const actors = [repeatUploads(), repeatUploads(), repeatInspections(), repeatInspections(), repeatJobs()]
for (let round = 1; round <= rounds; round++) {
  await sleep(200 + random.float64() * 4000)
  child.kill('SIGKILL')
  child = (await start()).child
  console.log(
    `${round} kills: ${uploads.length} uploads, ${inspections.length} inspections, ${jobs.length} jobs`,
  )
}
stop.abort()
await Promise.all(actors)
for (const job of jobs) await finished(job)

let lost = 0
for (const { id, sha256 } of uploads) {
  const response = await fetch(`${base}/images/${id}/file`, { headers: { authorization: `Bearer ${token}` } })
  if (hashOf(new Uint8Array(await response.arrayBuffer())) !== sha256) lost++
}
const kept = await all(`/inspections?product=${product}&limit=500`)
const keptIds = new Set(kept.map(({ id }) => id))
lost += inspections.filter((id) => !keptIds.has(id)).length
const images = await all(`/products/${product}/images?limit=500`)
const models = (await ask('GET', `/products/${product}/models`))['items'] as Json[]
const done = await all('/jobs?status=done&limit=500')
const report = {
  database: values.database === undefined ? 'embedded' : 'postgres',
  kills: rounds,
  uploads: uploads.length,
  inspections: inspections.length,
  trainings: jobs.length,
  lost,
  doubled:
    kept.length -
    inspections.length +
    (images.length - training - uploads.length) +
    (models.length - done.length),
  seconds: Math.round((performance.now() - began) / 1000),
}
console.log(report)
if (values.out !== undefined) await append(values.out, report)
isOver = true
child.kill('SIGTERM')
await rm(folder, { recursive: true, force: true })
process.exitCode = report.lost === 0 && report.doubled === 0 ? 0 : 1

async function start(): Promise<{ readonly child: ChildProcess; readonly token: string }> {
  const env = { ...process.env, ...(values.database === undefined ? {} : { DATABASE_URL: values.database }) }
  const args = ['studio', '--data', join(folder, 'data'), '--port', String(port), '--threads', '1', '--json']
  const started = spawn(process.execPath, [launcher, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  started.stderr.on('data', (chunk) => (said = (said + String(chunk)).slice(-3000)))
  started.on('exit', (code, signal) => {
    if (signal === 'SIGKILL' || isOver) return
    console.error(`the studio ended by itself, ${code ?? signal}: ${said}`)
    process.exit(1)
  })
  let text = ''
  for await (const chunk of started.stdout) {
    text += String(chunk)
    if (text.includes('}')) break
  }
  return { child: started, token: (JSON.parse(text) as { token: string }).token }
}

async function repeatUploads(): Promise<void> {
  while (!stop.signal.aborted) uploads.push(await upload(await nextPicture(), 'unsorted'))
}

async function repeatInspections(): Promise<void> {
  while (!stop.signal.aborted) {
    const form = new FormData()
    form.append('file', new Blob([await nextPicture()]), 'new.png')
    inspections.push(String((await ask('POST', `/products/${product}/inspections`, form))['id']))
  }
}

async function repeatJobs(): Promise<void> {
  while (!stop.signal.aborted) {
    const id = await train(false)
    jobs.push(id)
    await finished(id)
  }
}

async function train(activate: boolean): Promise<string> {
  const request = { kind: 'train', product, method: 'patchcore', profile: 'fast', activate }
  return String((await ask('POST', '/jobs', request))['id'])
}

async function upload(bytes: Uint8Array<ArrayBuffer>, bucket: string) {
  const form = new FormData()
  form.append('bucket', bucket)
  form.append('file', new Blob([bytes]), 'part.png')
  const { items } = await ask('POST', `/products/${product}/images`, form)
  const [item] = items as { image: { id: string } | null }[]
  if (item?.image == null) throw new Refusal(JSON.stringify(item))
  return { id: item.image.id, sha256: hashOf(bytes) }
}

/** Repeats until it is answered; what is refused for good is a fault. */
async function ask(method: string, path: string, body?: object): Promise<Json> {
  const key = randomUUID()
  const isForm = body instanceof FormData
  for (;;) {
    try {
      const response = await fetch(base + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'idempotency-key': key,
          ...(isForm || body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      })
      const answer = (await response.json()) as Json
      if (response.ok) return answer
      const isLater = response.status === 429 || response.status >= 500 || answer['code'] === 'KEY_RUNNING'
      if (!isLater) throw new Refusal(`${method} ${path}: ${JSON.stringify(answer)}`)
    } catch (error) {
      if (error instanceof Refusal) throw error
    }
    await sleep(100)
  }
}

async function all(path: string): Promise<readonly Json[]> {
  const items: Json[] = []
  let cursor = ''
  for (;;) {
    const page = await ask('GET', path + cursor)
    items.push(...(page['items'] as Json[]))
    const { next } = page
    if (typeof next !== 'string') return items
    cursor = `&cursor=${next}`
  }
}

async function finished(job: string): Promise<void> {
  for (;;) {
    const { status, error } = await ask('GET', `/jobs/${job}`)
    if (status === 'done') return
    // A job whose workers died again and again is held to be the reason; here it is not, and somebody says so.
    if (status === 'failed' && (error as Json)['code'] === 'JOB_GAVE_UP')
      await ask('POST', `/jobs/${job}/retry`)
    else if (status === 'failed' || status === 'cancelled')
      throw new Error(`the job ${status}: ${JSON.stringify(error)}`)
    await sleep(200)
  }
}

async function drawPictures(): Promise<readonly Image[]> {
  const drawn = join(folder, 'drawn')
  const counts = { train: 6, testGood: 0, testDefect: 0 }
  await synthesiseDataset(drawn, { products: ['fabric'], counts, size: { width: 96, height: 96 }, seed: 1 })
  const names = (await readdir(drawn, { recursive: true })).filter((name) => name.endsWith('.png'))
  return Promise.all(names.map((name) => decodeImage(join(drawn, name))))
}

/** One that was not there before. */
async function nextPicture(): Promise<Uint8Array<ArrayBuffer>> {
  const picture = pictures[count++ % pictures.length]
  if (picture === undefined) throw new Error('no picture was drawn')
  const pixels = Uint8Array.from(picture.pixels)
  for (let byte = 0; byte < 4; byte++) pixels[byte] = (count >> (8 * byte)) & 255
  return Uint8Array.from(await encodePng(pixels, picture.width, picture.height, picture.channels))
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function findPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: found } = server.address() as AddressInfo
      server.close(() => resolve(found))
    })
  })
}

async function append(file: string, row: Json): Promise<void> {
  try {
    await writeFile(file, `${Object.keys(row).join(',')}\n`, { flag: 'wx' })
  } catch {
    // The head is there.
  }
  await appendFile(file, `${Object.values(row).join(',')}\n`)
}
