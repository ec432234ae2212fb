import { readFile } from 'node:fs/promises'
import { evaluationSchema } from '@assay/contract'
import { expect, test } from 'vitest'
import { createFakeCore, drawPart, fakeEvaluateModel } from '../testing/fake-core.ts'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { runCommandLine } from '../testing/host.ts'

const core = createFakeCore({ evaluateModel: fakeEvaluateModel })

async function writeDataset(folder: TestFolder): Promise<string> {
  for (const product of ['cap', 'tile']) {
    await folder.write(`data/${product}/train/good/0.png`, await drawPart(20, 30))
    for (const i of [0, 1, 2]) {
      await folder.write(`data/${product}/test/good/${i}.png`, await drawPart(20, 30 + i))
      await folder.write(`data/${product}/test/scratch, deep/${i}.png`, await drawPart(20, 90 + 20 * i))
    }
  }
  return folder.at('data')
}

test('the JSON of an evaluation is exactly mean and products', async () => {
  await using folder = await createTestFolder()
  const { code, out } = await runCommandLine(['evaluate', 'm.onnx', await writeDataset(folder), '--json'], {
    core,
  })
  const evaluation = evaluationSchema.parse(JSON.parse(out))
  expect(Object.keys(evaluation)).toEqual(['mean', 'products'])
  expect(Object.keys(evaluation.products)).toEqual(['cap', 'tile'])
  expect(evaluation.mean.pixelAuroc).toBeNull()
  expect(code).toBe(0)
})

test('people get the metrics in percent, what the verdicts did, and why a metric is missing', async () => {
  await using folder = await createTestFolder()
  const { out } = await runCommandLine(['evaluate', 'm.onnx', await writeDataset(folder)], { core })
  expect(out).toMatch(/^cap +90\.0 +80\.0 +70\.0 +– +– +– +– +–$/m)
  expect(out).toMatch(/^mean +90\.0/m)
  expect(out).toMatch(/defects missed/)
  expect(out).toContain('product recognised: 2 of 2')
  expect(out).toContain('– cap: no masks')
  expect(out).toMatch(/^cap +60\.0 +50\.0 +40\.0 +– +–$/m)
  expect(out).not.toContain('bootstrap')
})

test('intervals are drawn when asked for and not otherwise', async () => {
  await using folder = await createTestFolder()
  const data = await writeDataset(folder)
  const { out } = await runCommandLine(['evaluate', 'm.onnx', data, '--intervals'], { core })
  expect(out).toMatch(/^cap +81\.0–99\.0 +– +– +– +–$/m)
  expect(out).toContain('1000 draws')
  const json = await runCommandLine(['evaluate', 'm.onnx', data, '--intervals', '--more', '--json'], { core })
  const { products } = evaluationSchema.parse(JSON.parse(json.out))
  expect(products['cap']?.more?.intervals?.imageAuroc).toEqual({ low: 0.81, high: 0.99 })
})

test('lighting conditions are a table with one line for each', async () => {
  await using folder = await createTestFolder()
  const lit = createFakeCore({
    evaluateModel: async function* (options) {
      const result = yield* fakeEvaluateModel(options)
      const { mean, products } = result.evaluation
      const { more, ...metrics } = products['cap'] ?? mean
      if (more === undefined) throw new Error('the fake has lost its metrics')
      const { segF1, iou, classF1 } = more
      const condition = { images: 7, ...metrics, segF1, iou, classF1 }
      const cap = { ...metrics, more: { ...more, conditions: { regular: condition, shift_1: condition } } }
      return { ...result, evaluation: { mean, products: { ...products, cap } } }
    },
  })
  const { out } = await runCommandLine(['evaluate', 'm.onnx', await writeDataset(folder)], { core: lit })
  expect(out).toMatch(/^cap, regular +7 +90\.0 +– +– +– +60\.0 +40\.0$/m)
  expect(out).toMatch(/^cap, shift_1 +7/m)
})

test('the page shows the worst errors of each product, and every link leads somewhere', async () => {
  await using folder = await createTestFolder()
  const data = await writeDataset(folder)
  const { code, err } = await runCommandLine(['evaluate', 'm.onnx', data, '--out', folder.at('report')], {
    core,
  })
  expect(code).toBe(0)
  expect(err).toContain(`page: ${folder.at('report/index.html')}`)
  const page = await readFile(folder.at('report/index.html'), 'utf8')
  expect(page).toContain('tile/test/scratch, deep/0.png')
  const pictures = [...page.matchAll(/<img src="([^"]*)"/g)].map((m) => m[1]!)
  expect(pictures.length).toBe(24)
  for (const link of pictures)
    await expect(readFile(folder.at('report', decodeURIComponent(link)))).resolves.toBeDefined()
})

test('the scores of all images are a table that a spreadsheet opens', async () => {
  await using folder = await createTestFolder()
  await runCommandLine(['evaluate', 'm.onnx', await writeDataset(folder), '--out', folder.at('report')], {
    core,
  })
  const lines = (await readFile(folder.at('report/scores.csv'), 'utf8')).trim().split('\r\n')
  expect(lines).toHaveLength(13)
  expect(lines[0]).toBe('image,product,recognised,label,defect,score,calibrated,threshold,verdict')
  expect(lines).toContainEqual(
    expect.stringContaining('"tile/test/scratch, deep/1.png",tile,cap,defect,"scratch, deep",110,'),
  )
  expect(
    evaluationSchema.parse(JSON.parse(await readFile(folder.at('report/evaluation.json'), 'utf8'))),
  ).toBeDefined()
})

test('a test image that cannot be read is reported, the rest is measured, and the exit code says so', async () => {
  await using folder = await createTestFolder()
  const data = await writeDataset(folder)
  await folder.write('data/cap/test/good/9.png', 'no picture')
  const { code, out, err } = await runCommandLine(
    ['evaluate', 'm.onnx', data, '--json', '--out', folder.at('report')],
    { core },
  )
  expect(code).toBe(65)
  expect(err).toContain('9.png')
  expect(evaluationSchema.safeParse(JSON.parse(out)).success).toBe(true)
  expect(await readFile(folder.at('report/index.html'), 'utf8')).toContain('1 image could not be used')
})

test('data is read as --layout says, and a layout that does not exist is refused with all that do', async () => {
  await using folder = await createTestFolder()
  const data = await writeDataset(folder)
  const asked: unknown[] = []
  const listening = createFakeCore({
    evaluateModel: (options) => {
      asked.push(options.layout)
      return fakeEvaluateModel(options)
    },
  })
  const evaluate = (layout: string) =>
    runCommandLine(['evaluate', 'm.onnx', data, '--layout', layout], { core: listening })
  expect((await evaluate('mvtec-ad')).code).toBe(0)
  expect(asked).toEqual(['mvtec-ad'])
  const unknown = await evaluate('mvtec')
  expect(unknown.code).not.toBe(0)
  for (const { name } of listening.layouts) expect(unknown.err).toContain(name)
  expect((await evaluate('visa')).err).toContain('split_csv/1cls.csv')
})

test('AU-sPRO is a table with one line for each kind of defect and one for their mean', async () => {
  await using folder = await createTestFolder()
  const values = {
    imageAuroc: 0.9,
    auspro01: 0.1,
    auspro05: 0.2,
    auspro10: 0.3,
    auspro30: 0.4,
    auspro100: 0.5,
  }
  const loco = createFakeCore({
    evaluateModel: async function* (options) {
      const result = yield* fakeEvaluateModel(options)
      const { cap } = result.evaluation.products
      if (cap?.more === undefined) throw new Error('the fake has lost its metrics')
      const why = { auspro05: 'the masks are lost' }
      const kinds = {
        logical_anomalies: { images: 3, ...values },
        structural_anomalies: { images: 4, ...values, auspro05: null, why },
      }
      const more = { ...cap.more, saturated: { ...values, auspro05: null, kinds } }
      return { ...result, evaluation: { mean: cap, products: { cap: { ...cap, more } } } }
    },
  })
  const { out } = await runCommandLine(['evaluate', 'm.onnx', await writeDataset(folder)], { core: loco })
  expect(out).toMatch(/^cap, logical_anomalies +90\.0 +10\.0 +20\.0 +30\.0 +40\.0 +50\.0$/m)
  expect(out).toMatch(/^cap, mean +90\.0 +10\.0 +– +30\.0/m)
  expect(out).toContain('– cap: the masks are lost')
})
