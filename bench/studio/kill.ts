/**
 * Kills the studio with SIGKILL at random moments of a run of uploads, inspections and jobs, starts it again each time,
 * and counts in the end what was acknowledged and is lost, and what was done twice.
 *
 *     npx node bench/studio/kill.ts <csv> [--kills 50] [--seed 1]
 *
 * With DATABASE_URL in the environment, of an empty database, the studio runs on that Postgres, otherwise embedded.
 * Acknowledged is what was answered with 200 to the last byte. Each job inspects two pictures that are in no other
 * job, so that each has to be inspected exactly once when it is done. A start is timed up to the address it prints.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createRandom } from '../../packages/core/src/random.ts'
import { drawTestPicture, makeTestModels } from '../../packages/server/src/testing/model.ts'
import { startBenchStudio, toForm, type BenchStudio } from './server.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
})
const [csv = 'bench/results/studio-kill.csv'] = positionals
const kills = Number(values.kills)
const random = createRandom(Number(values.seed), 'kill')

/** What the studio has said it keeps. */
const kept = { images: [] as string[], inspections: [] as string[], jobs: [] as string[] }
/** Names of the pictures of each acknowledged job. */
const jobPictures = new Map<string, readonly string[]>()
let number = 0

const folder = await mkdtemp(path.join(tmpdir(), 'assay-kill-'))
const data = path.join(folder, 'data')
const startSeconds: number[] = []
try {
  let product = ''
  for (let kill = 0; kill <= kills; kill++) {
    const began = performance.now()
    const studio = await startBenchStudio(data)
    startSeconds.push((performance.now() - began) / 1000)
    if (kill === 0) product = await prepare(studio)
    if (kill === kills) {
      await report(studio, product)
      await studio[Symbol.asyncDispose]()
      break
    }
    const stop = new AbortController()
    const clients = [uploads, inspections, jobs, inspections].map((run) => run(studio, product, stop.signal))
    // Most often when it has begun to answer, sometimes while it still starts its processes.
    const before = total()
    const deadline = performance.now() + 30_000
    while (random.float64() < 0.99 && total() === before && performance.now() < deadline) await sleep(50)
    await sleep(4000 * random.float64())
    process.kill(studio.pid, 'SIGKILL')
    stop.abort()
    await Promise.all(clients)
    console.error(`kill ${kill + 1} of ${kills}: ${JSON.stringify(count())}`)
  }
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function prepare(studio: BenchStudio): Promise<string> {
  const { lenient } = await makeTestModels()
  const product = await need<{ id: string }>(studio.ask('POST', '/products', { name: 'part' }))
  const form = toForm('model.onnx', new Uint8Array(lenient.bytes))
  const model = await need<{ id: string }>(studio.ask('POST', `/products/${product.id}/models`, form))
  await need(studio.ask('POST', `/models/${model.id}/activate`))
  return product.id
}

async function uploads(studio: BenchStudio, product: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const id = await upload(studio, product, `upload ${number}`)
    if (id !== null) kept.images.push(id)
  }
}

async function inspections(studio: BenchStudio, product: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const form = toForm(`direct ${number}.png`, new Uint8Array(await drawTestPicture(number++)))
    const found = await read<{ id: string }>(studio.ask('POST', `/products/${product}/inspections`, form))
    if (found !== null) kept.inspections.push(found.id)
  }
}

async function jobs(studio: BenchStudio, product: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const names = [`job ${number}`, `job ${number + 1}`]
    const images: string[] = []
    for (const name of names) {
      const id = await upload(studio, product, name)
      if (id !== null) images.push(id)
    }
    if (images.length < names.length) return
    kept.images.push(...images)
    const job = await read<{ id: string }>(studio.ask('POST', '/jobs', { kind: 'inspect', product, images }))
    if (job === null) continue
    kept.jobs.push(job.id)
    jobPictures.set(job.id, names)
    await sleep(500)
  }
}

async function upload(studio: BenchStudio, product: string, name: string): Promise<string | null> {
  const form = toForm(`${name}.png`, new Uint8Array(await drawTestPicture(number++)))
  const answer = await read<{ items: { image: { id: string } | null }[] }>(
    studio.ask('POST', `/products/${product}/images`, form),
  )
  return answer?.items[0]?.image?.id ?? null
}

async function report(studio: BenchStudio, product: string): Promise<void> {
  const began = performance.now()
  const ended = new Map<string, string>()
  const areOpen = (): boolean => kept.jobs.some((id) => !ended.has(id))
  while (areOpen() && performance.now() - began < 300_000) {
    for (const { id, status } of await all<{ id: string; status: string }>(studio, '/jobs'))
      if (status !== 'queued' && status !== 'running') ended.set(id, status)
    await sleep(1000)
  }
  const images = new Set(
    (await all<{ id: string }>(studio, `/products/${product}/images`)).map(({ id }) => id),
  )
  const found = await all<{ id: string; name: string }>(studio, '/inspections')
  const ids = new Set(found.map(({ id }) => id))
  const times = new Map<string, number>()
  for (const { name } of found) times.set(name, (times.get(name) ?? 0) + 1)
  const inspected = kept.jobs.flatMap((job) =>
    (jobPictures.get(job) ?? []).map((name) => times.get(`${name}.png`) ?? 0),
  )
  const row = {
    database: process.env['DATABASE_URL'] === undefined ? 'embedded' : 'postgres',
    kills,
    seed: values.seed,
    ...count(),
    imagesLost: kept.images.filter((id) => !images.has(id)).length,
    inspectionsLost: kept.inspections.filter((id) => !ids.has(id)).length,
    jobsLost: kept.jobs.filter((id) => !ended.has(id)).length,
    jobsNotDone: [...ended.values()].filter((status) => status !== 'done').length,
    picturesOfJobsMissed: inspected.filter((count) => count === 0).length,
    picturesOfJobsTwice: inspected.filter((count) => count > 1).length,
    directTwice: [...times].filter(([name, count]) => name.startsWith('direct') && count > 1).length,
    startSecondsMedian: startSeconds.toSorted((a, b) => a - b)[startSeconds.length >> 1]?.toFixed(1),
  }
  if (!existsSync(csv)) writeFileSync(csv, `${Object.keys(row).join(',')}\n`)
  appendFileSync(csv, `${Object.values(row).join(',')}\n`)
  console.log(row)
}

function total(): number {
  return kept.images.length + kept.inspections.length + kept.jobs.length
}

function count(): { readonly images: number; readonly inspections: number; readonly jobs: number } {
  return { images: kept.images.length, inspections: kept.inspections.length, jobs: kept.jobs.length }
}

/** All pages of a list. */
async function all<T>(studio: BenchStudio, route: string): Promise<T[]> {
  const items: T[] = []
  for (let cursor = ''; ;) {
    const page = await need<{ items: T[]; next: string | null }>(
      studio.ask('GET', `${route}?limit=500${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`),
    )
    items.push(...page.items)
    if (page.next === null) return items
    cursor = page.next
  }
}

/** Null when there is no whole answer, or it is a refusal. */
async function read<T>(asked: Promise<Response>): Promise<T | null> {
  try {
    const response = await asked
    const text = await response.text()
    // The schemas of the API say what comes; a benchmark believes them.
    return response.ok ? (JSON.parse(text) as T) : null
  } catch {
    return null
  }
}

async function need<T>(asked: Promise<Response>): Promise<T> {
  const answer = await read<T>(asked)
  if (answer === null) throw new Error('the studio did not answer')
  return answer
}
