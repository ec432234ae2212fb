import { readFile, writeFile } from 'node:fs/promises'
import * as core from '@assay/core'
import { createRow, JobFault, type BenchJob, type BenchRow } from '@assay/core'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import type { RunOne } from '../bench/run-all.ts'
import { Interruption } from '../render/error.ts'
import { createTestHost } from '../testing/host.ts'
import { runBenchQuality } from './bench.ts'

const file = 'sets: { caps: caps, lids: lids }\nmethods: [patchcore]\nprofiles: [fast]\nseeds: [0, 1]\n'

function rowOf({ identity, folder }: BenchJob, imageAuroc: number): BenchRow {
  const { seed, ...names } = identity
  const place = { device: 'cpu', machine: 'm', assay: '0', page: `${folder}/index.html` }
  return { ...createRow({ ...names, ...place, product: identity.set }), seed, products: 1, imageAuroc }
}

/** Makes up a result for each job and notes which were run. */
function createRuns(fail: (job: BenchJob) => boolean = () => false): { ran: string[]; runOne: RunOne } {
  const ran: string[] = []
  const runOne: RunOne = (_, { job }, { onProgress, onWarning }) => {
    const { set, seed } = job.identity
    ran.push(`${set} ${seed}`)
    onProgress({ label: 'training', done: 1, total: 2 })
    if (set === 'lids') onWarning('few images')
    if (fail(job))
      return Promise.reject(new JobFault({ code: 'DATA_NOT_FOUND', message: 'No lids.', hint: 'Find them.' }))
    return Promise.resolve([rowOf(job, 0.9 + 0.02 * (seed ?? 0))])
  }
  return { ran, runOne }
}

async function bench(folder: TestFolder, runOne: RunOne, flags: Record<string, string | boolean> = {}) {
  const path = await folder.write('quality.yaml', file)
  const host = createTestHost([], { core })
  const code = await runBenchQuality([path], { out: folder.at('out'), ...flags }, host, runOne)
  return { code, ...host.printed }
}

test('every run is a row of the table, and the page links to each', async () => {
  await using folder = await createTestFolder()
  const { ran, runOne } = createRuns()
  const { code, out } = await bench(folder, runOne)
  expect(code).toBe(0)
  expect(ran).toEqual(['caps 0', 'lids 0', 'caps 1', 'lids 1'])
  expect(out).toMatch(/^caps +2 +91\.0 ± 1\.4 +–/m)
  expect(out).toMatch(/^mean +2 +91\.0/m)
  const page = await readFile(folder.at('out/index.html'), 'utf8')
  expect(page.match(/href="run\//g)).toHaveLength(4)
  const table = core.parseRows(await readFile(folder.at('out/runs.csv'), 'utf8'), 'runs.csv')
  expect(table.map((row) => row.set)).toEqual(['caps', 'lids', 'caps', 'lids'])
})

test('what the table has is not run again, and a row that was taken out is', async () => {
  await using folder = await createTestFolder()
  await bench(folder, createRuns().runOne)
  const again = createRuns()
  const { err } = await bench(folder, again.runOne)
  expect(again.ran).toEqual([])
  expect(err).toContain('4 of 4 runs are in')
  const table = folder.at('out/runs.csv')
  const lines = (await readFile(table, 'utf8')).split('\r\n')
  await writeFile(table, lines.filter((_, i) => i !== 2).join('\r\n'))
  const missing = createRuns()
  await bench(folder, missing.runOne)
  expect(missing.ran).toEqual(['lids 0'])
})

test('a bad run is reported and tried again the next time; the others are kept', async () => {
  await using folder = await createTestFolder()
  const { code, err } = await bench(folder, createRuns((job) => job.identity.set === 'lids').runOne)
  expect(code).toBe(65)
  expect(err).toContain('No lids. Find them.')
  expect(await readFile(folder.at('out/index.html'), 'utf8')).toContain('No lids.')
  const again = createRuns()
  expect((await bench(folder, again.runOne)).code).toBe(0)
  expect(again.ran).toEqual(['lids 0', 'lids 1'])
  expect(await readFile(folder.at('out/index.html'), 'utf8')).not.toContain('No lids.')
})

test('Ctrl-C keeps what is done and says how to go on', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('quality.yaml', file)
  const host = createTestHost([], { core })
  const runOne: RunOne = async (_, { job }, { signal }) => {
    if (job.identity.set === 'caps') return [rowOf(job, 0.9)]
    host.controller.abort()
    signal.throwIfAborted()
    return []
  }
  const run = runBenchQuality([path], { out: folder.at('out') }, host, runOne)
  const error = await run.catch((e: unknown) => e)
  expect(error).toBeInstanceOf(Interruption)
  expect((error as Interruption).hint).toContain('1 of 4 runs are done and kept; the same command goes on')
  expect(await readFile(folder.at('out/runs.csv'), 'utf8')).toContain('\r\ncaps,')
})

test('machines get variants with means, and the failures', async () => {
  await using folder = await createTestFolder()
  const { runOne } = createRuns((job) => job.identity.seed === 1 && job.identity.set === 'lids')
  const { out } = await bench(folder, runOne, { json: true, quiet: true })
  const document = JSON.parse(out) as Record<string, unknown>
  expect(document).toMatchObject({
    runs: { asked: 4, failed: 1 },
    failures: [{ code: 'DATA_NOT_FOUND', message: 'No lids.' }],
    variants: [{ variant: 'patchcore fast efficientnet-lite2', mean: { seeds: 1 } }],
  })
})

test('a page or table of somebody else is not overwritten', async () => {
  await using folder = await createTestFolder()
  await folder.write('out/runs.csv', 'date,amount\n1,2\n')
  await expect(bench(folder, createRuns().runOne)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  await folder.write('out/index.html', '<title>Our works</title>')
  await expect(bench(folder, createRuns().runOne)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
})
