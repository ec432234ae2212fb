/** The command from end to end: real processes, real models, made-up parts in a temporary folder. */
import {
  access,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { evaluationSchema, inspectionSchema } from '@assay/contract'
import { decodeFloatTiff, decodeImage, synthesiseDataset } from '@assay/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { assay, startAssay } from './command.ts'

let root = ''
const at = (...parts: string[]): string => join(root, ...parts)
const data = (): string => at('data')
const part = (): string => at('data/flange/test/stain/000.png')

/** Everything small: these tests ask whether the way is whole, not how good the model is. */
const tinyRecipe = `
input: { pixels: 16384 }
memory: { size: 100, candidates: 1000 }
cras: { steps: 40, stepsPerExtraProduct: 0, patchesPerImage: 32, batch: 4 }
`

const lines = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => inspectionSchema.parse(JSON.parse(line)))

function train(out: string, ...words: string[]) {
  return [
    'train',
    data(),
    '--out',
    out,
    '--recipe',
    at('tiny.yaml'),
    '--profile',
    'fast',
    '--threads',
    '1',
    ...words,
  ]
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'assay-e2e-'))
  await synthesiseDataset(data(), {
    products: ['flange', 'blister'],
    defects: ['stain', 'missing'],
    counts: { train: 8, testGood: 2, testDefect: 1 },
    size: { width: 96, height: 80 },
  })
  await writeFile(at('tiny.yaml'), tinyRecipe)
})

afterAll(() => rm(root, { recursive: true, force: true }))

test('a folder is understood before anything long starts', async () => {
  const { code, out } = await assay('data', 'describe', data(), '--json', '--quiet')
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({
    layout: 'products',
    products: [
      { name: 'blister', counts: { train: { good: 8 }, test: { good: 2, defect: 2 } } },
      { name: 'flange', counts: { train: { good: 8 }, test: { good: 2, defect: 2 } } },
    ],
  })
})

test.each([
  ['cras', 40],
  ['patchcore', 0],
])(
  '%s learns one model for two products, in one file and with nothing left beside it',
  async (method, steps) => {
    const { code, out, err } = await assay(...train(at(method, 'model.onnx'), '--method', method, '--json'))
    expect(code, err).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      model: at(method, 'model.onnx'),
      method,
      backbone: expect.stringMatching(/^efficientnet-lite/),
      steps,
      seconds: expect.any(Number),
      threshold: expect.any(Number),
      products: [{ name: 'blister' }, { name: 'flange' }],
    })
    expect(await readdir(at(method))).toEqual(['model.onnx'])
    expect(err).toContain('held out for the thresholds')
  },
)

test('a folder of parts with broken files among them: each file has its line and the rest goes on', async () => {
  await cp(join(data(), 'flange/test'), at('mixed'), { recursive: true })
  const whole = await readFile(part())
  await writeFile(at('mixed/good/cut.png'), whole.subarray(0, whole.length / 2))
  await writeFile(at('mixed/good/empty.png'), '')
  await writeFile(at('mixed/good/words.jpg'), 'not a picture')
  // A head that promises 60000 x 60000 pixels.
  const giant = Buffer.from(whole.subarray(0, 64))
  giant.writeUInt32BE(60_000, 16)
  giant.writeUInt32BE(60_000, 20)
  await writeFile(at('mixed/good/giant.png'), giant)
  const { code, out, err } = await assay(
    'inspect',
    at('cras/model.onnx'),
    at('mixed'),
    '--json',
    '--out',
    at('report'),
  )
  expect(code, err).toBe(65)
  const records = lines(out)
  const failed = records.filter((r) => r.error !== null).map((r) => r.image.split('/').at(-1))
  expect(failed).toEqual(['cut.png', 'empty.png', 'giant.png', 'words.jpg'])
  const inspected = records.filter((r) => r.error === null)
  expect(inspected.map((r) => r.product)).toEqual(inspected.map(() => 'flange'))
  for (const record of inspected) {
    const map = decodeFloatTiff(await readFile(record.map!))
    expect([map.width, map.height]).toEqual([96, 80])
    const mask = await decodeImage(record.mask!)
    expect([mask.width, mask.height, mask.channels]).toEqual([96, 80, 1])
    expect(record.verdict).toBe(record.score! > record.threshold! ? 'defect' : 'good')
  }
  expect(new Set(inspected.map((r) => r.map)).size).toBe(inspected.length)
  const page = await readFile(at('report/index.html'), 'utf8')
  expect(page).toContain('words.jpg')
  for (const [, link = ''] of page.matchAll(/<img src="([^"]*)"/g))
    await access(at('report', decodeURIComponent(link)))
})

test('the same part gets the same score alone, in a folder, with its product named, and again', async () => {
  const inspect = async (...words: string[]) => {
    const { out } = await assay('inspect', at('patchcore/model.onnx'), ...words, '--json', '--threads', '1')
    return lines(out).find((r) => r.image.endsWith('stain/000.png'))
  }
  const alone = await inspect(part())
  expect(alone?.error).toBeNull()
  expect(await inspect(at('data/flange/test'))).toEqual(alone)
  expect((await inspect(part(), '--product', 'flange'))?.score).toBeCloseTo(alone!.score!, 4)
})

test('an evaluation prints exactly mean and products, and writes a page', async () => {
  const { code, out, err } = await assay(
    'evaluate',
    at('patchcore/model.onnx'),
    data(),
    '--json',
    '--out',
    at('measured'),
  )
  expect(code, err).toBe(0)
  const evaluation = evaluationSchema.parse(JSON.parse(out))
  expect(Object.keys(evaluation.products)).toEqual(['blister', 'flange'])
  for (const value of Object.values(evaluation.mean)) expect(value).toEqual(expect.any(Number))
  const page = await readFile(at('measured/index.html'), 'utf8')
  for (const [, link = ''] of page.matchAll(/<img src="([^"]*)"/g))
    await access(at('measured', decodeURIComponent(link)))
  expect((await readFile(at('measured/scores.csv'), 'utf8')).trim().split('\r\n')).toHaveLength(9)
})

test('a model that is cut, foreign, a folder or not there is refused with the remedy', async () => {
  const model = await readFile(at('patchcore/model.onnx'))
  await writeFile(at('half.onnx'), model.subarray(0, model.length / 2))
  await writeFile(at('words.onnx'), 'these are words')
  await writeFile(at('empty.onnx'), '')
  const codes = []
  for (const name of ['half.onnx', 'words.onnx', 'empty.onnx', 'gone.onnx', 'data']) {
    const { code, out, err } = await assay('inspect', at(name), part(), '--json')
    expect(err).not.toMatch(/\n\s+at /)
    codes.push([name, code, (JSON.parse(out) as { error: { code: string } }).error.code])
  }
  expect(codes).toEqual([
    ['half.onnx', 65, 'MODEL_UNREADABLE'],
    ['words.onnx', 65, 'MODEL_UNREADABLE'],
    ['empty.onnx', 65, 'MODEL_UNREADABLE'],
    ['gone.onnx', 66, 'MODEL_NOT_FOUND'],
    ['data', 65, 'MODEL_UNREADABLE'],
  ])
})

test('an output that cannot be written is refused before the work', async () => {
  const inFile = await assay(...train(join(part(), 'model.onnx'), '--json'))
  expect(inFile.code).toBe(73)
  expect(JSON.parse(inFile.out)).toMatchObject({ error: { code: 'OUTPUT_NOT_WRITABLE' } })
  const report = await assay('inspect', at('patchcore/model.onnx'), part(), '--out', join(part(), 'report'))
  expect(report).toMatchObject({ code: 73, out: '' })
  const picture = await assay(...train(part()))
  expect(picture.code).toBe(73)
  expect((await stat(part())).size).toBeGreaterThan(100)
})

test('too little to learn from is said with names and numbers', async () => {
  await mkdir(at('one/train/good'), { recursive: true })
  await copyFile(part(), at('one/train/good/0.png'))
  await mkdir(at('none/train/good'), { recursive: true })
  await writeFile(at('none/train/good/0.png'), 'not a picture')
  for (const [folder, expected] of [
    ['one', 'DATA_TOO_FEW_IMAGES'],
    ['none', 'DATA_NO_GOOD_IMAGES'],
  ] as const) {
    const { code, out } = await assay('train', at(folder), '--out', at('little.onnx'), '--json', '--quiet')
    expect(JSON.parse(out)).toMatchObject({ error: { code: expected } })
    expect(code).toBe(65)
  }
})

test('a training that was killed and then interrupted ends in the same bytes as one that was left alone', async () => {
  const long = at('long.yaml')
  await writeFile(long, tinyRecipe.replace('steps: 40', 'steps: 600'))
  const words = (out: string): string[] => [
    ...train(out, '--method', 'cras', '--product', 'flange', '--recipe', long),
  ]
  const resumed = at('resumed.onnx')
  const whole = assay(...words(at('whole.onnx')))

  const killed = startAssay(...words(resumed))
  // Some checkpoint is there: the memory of the product, under whatever name.
  const isAtWork = async (): Promise<boolean> =>
    (await readdir(`${resumed}.work`).catch(() => [])).some((name) => name.endsWith('.safetensors'))
  while (!(await isAtWork()) && killed.child.exitCode === null) await setTimeout(20)
  expect(await isAtWork()).toBe(true)
  killed.child.kill('SIGKILL')
  expect((await killed.finished).signal).toBe('SIGKILL')
  expect(await exists(resumed)).toBe(false)

  const interrupted = startAssay(...words(resumed), '--resume')
  await interrupted.said('memory bank: 100/100')
  await setTimeout(700)
  interrupted.child.kill('SIGINT')
  const { code, err } = await interrupted.finished
  expect(code, err).toBe(130)
  expect(err).toContain('error: Training was stopped.')
  expect(err).toContain(`Go on where it stopped: assay train ${data()} --out ${resumed}`)

  const last = await assay(...words(resumed), '--resume')
  expect(last.code, last.err).toBe(0)
  expect((await whole).code).toBe(0)
  expect(await readFile(resumed)).toEqual(await readFile(at('whole.onnx')))
})

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
