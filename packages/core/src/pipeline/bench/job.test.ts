import { parseBench } from '@assay/contract'
import { expect, test } from 'vitest'
import { rowKey } from '../../experiment/index.ts'
import { planBench, type ModelJob } from './job.ts'

const options = { threads: 1, workers: 2 }
const plan = (file: Record<string, unknown>): ModelJob[] =>
  planBench(
    parseBench({ sets: { caps: 'data/caps', lids: '/abs/lids' }, ...file }, 'b.yaml'),
    '/bench',
    options,
  )

test('every combination is one job, and a seed is done before the next begins', () => {
  const jobs = plan({ seeds: [3, 4], profiles: ['fast', 'accurate'], backbones: ['efficientnet-lite0'] })
  expect(jobs).toHaveLength(2 * 2 * 2 * 2)
  expect(new Set(jobs.map((job) => rowKey(job.identity))).size).toBe(16)
  expect(new Set(jobs.map((job) => job.folder)).size).toBe(16)
  expect(jobs.map((job) => job.identity.seed)).toEqual([...Array(8).fill(3), ...Array(8).fill(4)])
})

test('a value that stands there twice is not run twice', () => {
  expect(plan({ seeds: [1, 1], methods: ['cras', 'cras'] })).toHaveLength(2)
})

test('folders are seen from the file, not from where the command runs', () => {
  expect(plan({}).map((job) => job.data)).toContain('/bench/data/caps')
  expect(plan({}).map((job) => job.data)).toContain('/abs/lids')
})

test('without a backbone the one of the recipe is named', () => {
  const [job] = plan({ recipe: { features: { backbone: 'efficientnet-lite0' } } })
  expect(job?.identity.backbone).toBe('efficientnet-lite0')
})

test('another recipe is another run; another seed is the same recipe', () => {
  const hashOf = (file: Record<string, unknown>) => plan(file).map((job) => job.identity.recipe)
  const [usual] = hashOf({})
  expect(hashOf({ recipe: { score: { sigma: 2 } } })[0]).not.toBe(usual)
  expect(hashOf({ seeds: [9] })[0]).toBe(usual)
  expect(usual).toMatch(/^[0-9a-f]{8}$/)
})

test('a backbone that does not exist is refused before anything runs', () => {
  expect(() => plan({ backbones: ['efficientnet-lite9'] })).toThrow(
    'There is no backbone "efficientnet-lite9"',
  )
})

test('folders of runs hold no blanks and stay below the table', () => {
  const jobs = planBench(parseBench({ sets: { 'my caps': 'x' } }, 'b.yaml'), '/bench', options)
  for (const { folder } of jobs) expect(folder).toMatch(/^run\/[\w.-]+$/)
})
