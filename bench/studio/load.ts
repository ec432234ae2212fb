/**
 * Inspections by many clients at once: what is answered, what is refused, how long it takes, and what memory does.
 *
 *     npx node bench/studio/load.ts <csv> [--inspections 1000] [--clients 20] [--side 512] [--minutes 0]
 *
 * The model is trained on made-up parts in the fast profile; each picture is one of 16 others of those parts. A client
 * sends one inspection after the other. One that is refused with 429 is counted and sent again after the time that the
 * answer says; any other refusal is a failure. Times are those of answered requests, from the first byte sent to the
 * last one read. Memory is that of the server alone and of its child processes, as the median of the first and of the
 * last tenth of the run. With `--minutes` it goes on for so long, whatever the number of inspections.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { synthesiseDataset, trainModel } from '@assay/core'
import { residentMegabytes, startBenchStudio, toForm } from './server.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    inspections: { type: 'string', default: '1000' },
    clients: { type: 'string', default: '20' },
    side: { type: 'string', default: '512' },
    minutes: { type: 'string', default: '0' },
  },
})
const [csv = 'bench/results/studio-load.csv'] = positionals
const [inspections, clients, side, minutes] = [
  values.inspections,
  values.clients,
  values.side,
  values.minutes,
].map(Number) as [number, number, number, number]

const folder = await mkdtemp(path.join(tmpdir(), 'assay-load-'))
try {
  const { model, pictures } = await prepare()
  await using studio = await startBenchStudio(path.join(folder, 'data'))
  const { id: product } = await read<{ id: string }>(studio.ask('POST', '/products', { name: 'part' }))
  const form = toForm('model.onnx', model)
  const { id } = await read<{ id: string }>(studio.ask('POST', `/products/${product}/models`, form))
  await read(studio.ask('POST', `/models/${id}/activate`))

  const milliseconds: number[] = []
  const memory: { own: number; children: number }[] = []
  const counts = { refused: 0, failed: 0 }
  let next = 0
  const until = performance.now() + minutes * 60_000
  const isDue = (): boolean => (minutes > 0 ? performance.now() < until : next < inspections)
  const client = async (): Promise<void> => {
    while (isDue()) {
      const number = next++
      const picture = pictures[number % pictures.length] ?? pictures[0]
      if (picture === undefined) throw new Error('internal: no pictures')
      for (;;) {
        const began = performance.now()
        const response = await studio
          .ask('POST', `/products/${product}/inspections`, toForm(`${number}.png`, picture))
          .catch((error: unknown) => error)
        if (!(response instanceof Response)) {
          counts.failed++
          console.error(response)
          break
        }
        const text = await response.text()
        if (response.status === 429) {
          counts.refused++
          await sleep(1000 * Number(response.headers.get('retry-after') ?? 1))
          continue
        }
        if (response.ok) {
          milliseconds.push(performance.now() - began)
        } else {
          counts.failed++
          console.error(text)
        }
        break
      }
    }
  }
  const watch = setInterval(() => memory.push(residentMegabytes(studio.pid)), 1000)
  const began = performance.now()
  await Promise.all(Array.from({ length: clients }, client))
  const seconds = (performance.now() - began) / 1000
  clearInterval(watch)

  const { items } = await read<{ items: { inspections: number }[] }>(studio.ask('GET', '/products'))
  const kept = items[0]?.inspections ?? 0
  const tenth = Math.max(1, Math.floor(memory.length / 10))
  const [first, last] = [memory.slice(0, tenth), memory.slice(-tenth)]
  const row = {
    clients,
    side,
    answered: milliseconds.length,
    kept,
    ...counts,
    seconds: Math.round(seconds),
    perSecond: (milliseconds.length / seconds).toFixed(2),
    p50: Math.round(quantile(milliseconds, 0.5)),
    p95: Math.round(quantile(milliseconds, 0.95)),
    serverMbFirst: Math.round(
      quantile(
        first.map(({ own }) => own),
        0.5,
      ),
    ),
    serverMbLast: Math.round(
      quantile(
        last.map(({ own }) => own),
        0.5,
      ),
    ),
    childrenMbFirst: Math.round(
      quantile(
        first.map(({ children }) => children),
        0.5,
      ),
    ),
    childrenMbLast: Math.round(
      quantile(
        last.map(({ children }) => children),
        0.5,
      ),
    ),
    cores: availableParallelism(),
    load: loadavg()[0]?.toFixed(1),
  }
  if (!existsSync(csv)) writeFileSync(csv, `${Object.keys(row).join(',')}\n`)
  appendFileSync(csv, `${Object.values(row).join(',')}\n`)
  console.log(row)
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** A model of made-up parts, and others of those parts. */
async function prepare(): Promise<{ model: Uint8Array<ArrayBuffer>; pictures: Uint8Array<ArrayBuffer>[] }> {
  const data = path.join(folder, 'parts')
  await synthesiseDataset(data, {
    products: ['metal'],
    defects: ['scratch'],
    counts: { train: 20, testGood: 8, testDefect: 8 },
    size: { width: side, height: side },
  })
  const out = path.join(folder, 'model.onnx')
  const training = trainModel({ data, out, method: 'patchcore', profile: 'fast' })
  while ((await training.next()).done !== true);
  const pictures: Uint8Array<ArrayBuffer>[] = []
  for (const kind of ['good', 'scratch']) {
    const place = path.join(data, 'metal', 'test', kind)
    for (const name of await readdir(place))
      pictures.push(new Uint8Array(await readFile(path.join(place, name))))
  }
  return { model: new Uint8Array(await readFile(out)), pictures }
}

async function read<T>(asked: Promise<Response>): Promise<T> {
  const response = await asked
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${text}`)
  // The schemas of the API say what comes; a benchmark believes them.
  return (text === '' ? null : JSON.parse(text)) as T
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}
