import fs from 'node:fs/promises'
import { evaluationSchema, metricNames } from '@assay/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drain, type Drained } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { toPng, writeTinyData } from '../testing/picture-folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { cardOf, tinyModelBytes, trainTinyModel } from '../testing/tiny-model.ts'
import { evaluateModel, type EvaluateEvent, type EvaluateResult } from './evaluate.ts'

const kinds = [0, 1]
const parts = await trainTinyModel({ products: 2 })

let folder: TestFolder
/** Two products with three good and three defect pictures each. */
let data: string
beforeAll(async () => {
  folder = await createTestFolder()
  await writeTinyData(folder, { kinds, train: 1, test: 3, width: 96, height: 64 })
  data = folder.at('data')
})
afterAll(() => folder[Symbol.asyncDispose]())

/** The model with its products called as in the data, and thresholds between good and defect. */
function modelBytes(
  names: readonly string[] = ['part0', 'part1'],
  threshold = 1.2,
  pixelThreshold = 0.6,
): Uint8Array {
  const card = cardOf(parts)
  return tinyModelBytes(parts, {
    ...card,
    products: card.products.map((p, i) => ({
      ...p,
      name: names[i] ?? p.name,
      image: { threshold, scale: 0.1 },
      pixel: { threshold: pixelThreshold, scale: 0.1 },
    })),
  })
}

function evaluate(
  more: Partial<Parameters<typeof evaluateModel>[0]> = {},
): Promise<Drained<EvaluateEvent, EvaluateResult>> {
  return drain(evaluateModel({ model: modelBytes(), data, threads: 1, ...more }))
}

test('all eight metrics are there for each product and on average, and noise is told from stripes', async () => {
  const { result, events } = await evaluate()
  expect(evaluationSchema.parse(result.evaluation)).toEqual(result.evaluation)
  expect(Object.keys(result.evaluation.products)).toEqual(['part0', 'part1'])
  for (const { more, ...metrics } of [result.evaluation.mean, ...Object.values(result.evaluation.products)]) {
    expect(metrics.why).toBeUndefined()
    expect(Object.keys(metrics)).toEqual([...metricNames])
    expect(Object.values(metrics).every((v) => typeof v === 'number' && v >= 0 && v <= 1)).toBe(true)
    expect(more?.segF1).toBeGreaterThan(0)
    expect(metrics.imageAuroc).toBe(1)
    expect(metrics.pixelAuroc ?? 0).toBeGreaterThan(0.9)
  }
  expect(result.images).toBe(12)
  expect(events.filter((e) => e.type === 'inspected')).toHaveLength(12)
})

test('masks are measured at the threshold of the model, and every other number says why it is missing', async () => {
  const { result, events } = await evaluate()
  const { part0 } = result.evaluation.products
  const both = { pixels: 0, found: 0, marked: 0 }
  const flagged = { defects: 0, good: 0 }
  for (const event of events) {
    if (event.type !== 'inspected' || !event.inspected.record.image.includes('part0')) continue
    const { mask } = event.inspected
    for (const [i, value] of mask.entries()) {
      if (value !== 0) both.found++
      if (event.truth?.[i] !== 0) both.marked++
      if (value !== 0 && event.truth?.[i] !== 0) both.pixels++
    }
    if (mask.includes(255)) flagged[event.label === 'defect' ? 'defects' : 'good']++
  }
  expect(both.pixels).toBeGreaterThan(0)
  expect(part0?.more?.segF1).toBeCloseTo((2 * both.pixels) / (both.found + both.marked), 12)
  expect(part0?.more?.iou).toBeCloseTo(both.pixels / (both.found + both.marked - both.pixels), 12)
  expect(part0?.more?.classF1).toBeCloseTo((2 * flagged.defects) / (flagged.defects + flagged.good + 3), 12)
  expect(part0?.more?.auroc05 ?? 0).toBeGreaterThan(0)
  // Three good pictures of 6144 pixels have no rate of 1e-5.
  expect(part0?.more?.aupimo).toBeNull()
  expect(part0?.more?.why?.['aupimo']).toContain('too few pixels')
  expect(part0?.more?.conditions).toBeUndefined()
  expect(part0?.more?.intervals).toBeUndefined()
  const blind = await evaluate({ model: modelBytes(undefined, 1.2, 1e6) })
  expect(blind.result.evaluation.products['part0']?.more).toMatchObject({ segF1: 0, iou: 0, classF1: 0 })
})

test('lighting conditions found in the names are broken down, and the whole stays the whole', async () => {
  await using copy = await copyData()
  const product = copy.at('data/part0')
  await fs.rename(`${product}/test`, `${product}/test_public`)
  await fs.rename(`${product}/test_public/scar`, `${product}/test_public/bad`)
  await fs.mkdir(`${product}/test_public/ground_truth`)
  await fs.rename(`${product}/ground_truth/scar`, `${product}/test_public/ground_truth/bad`)
  await fs.rmdir(`${product}/ground_truth`)
  for (const [i, condition] of ['regular', 'regular', 'underexposed'].entries()) {
    for (const path of ['good/00N.png', 'bad/00N.png', 'ground_truth/bad/00N_mask.png']) {
      const from = `${product}/test_public/${path.replace('N', String(i))}`
      await fs.rename(from, from.replace(`00${i}`, `00${i}_${condition}`))
    }
  }
  const { result } = await evaluate({ data: copy.at('data'), products: ['part0'] })
  const part0 = result.evaluation.products['part0']
  expect(Object.keys(part0?.more?.conditions ?? {}).sort()).toEqual(['regular', 'underexposed'])
  expect(part0?.more?.conditions?.['regular']).toMatchObject({ images: 4, imageAuroc: 1 })
  expect(part0?.more?.conditions?.['underexposed']).toMatchObject({ images: 2, imageAuroc: 1 })
  const { more: _, ...plain } = (await evaluate()).result.evaluation.products['part0'] ?? {}
  expect(part0).toMatchObject(plain)
})

test('intervals are there when asked for, hold the figure, and are the same again', async () => {
  const ask = async () =>
    (await evaluate({ intervals: { draws: 50, seed: 3 } })).result.evaluation.products['part0']
  const metrics = await ask()
  const intervals = metrics?.more?.intervals
  expect(intervals).toMatchObject({ draws: 50, seed: 3, confidence: 0.95, imageAuroc: { low: 1, high: 1 } })
  expect(intervals?.aupro30?.low).toBeLessThanOrEqual((metrics?.aupro30 ?? NaN) + 0.01)
  expect(intervals?.aupro30?.high).toBeGreaterThanOrEqual((metrics?.aupro30 ?? NaN) - 0.01)
  expect((await ask())?.more?.intervals).toEqual(intervals)
  expect(evaluationSchema.safeParse((await evaluate({ intervals: true })).result.evaluation).success).toBe(
    true,
  )
})

test('masks that are grey or black all over are counted and named, and so is a product that cannot be tested', async () => {
  await using copy = await copyData()
  const [width, height] = [96, 64]
  const draw = (values: readonly number[]) => {
    const pixels = new Uint8Array(width * height)
    pixels.set(values, 100)
    return toPng({ pixels, width, height, channels: 1, depth: 8 })
  }
  await copy.write('data/part0/ground_truth/scar/000_mask.png', await draw([]))
  await copy.write('data/part0/ground_truth/scar/001_mask.png', await draw([255, 128, 3]))
  await fs.rm(copy.at('data/part1/test'), { recursive: true })
  const { result, events } = await evaluate({ data: copy.at('data') })
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))
  expect(warnings).toEqual([
    expect.stringContaining('"part1" has no test images with a label'),
    expect.stringMatching(/^1 mask of "part0" black all over.*scar\/000\.png\)\.$/),
    expect.stringMatching(/^1 mask of "part0" with more than two grey levels.*001_mask\.png\)\.$/),
  ])
  const truths = events.flatMap((event) =>
    event.type === 'inspected' && event.label === 'defect' ? [event.truth] : [],
  )
  expect(truths[1]?.subarray(99, 104)).toEqual(Uint8Array.of(0, 255, 255, 255, 0))
  expect(Object.keys(result.evaluation.products)).toEqual(['part0'])
})

test('a defect with an empty mask is neither a good picture nor a defect in AUPIMO', async () => {
  await using copy = await copyData()
  const black = { ...drawPicture({ width: 96, height: 64, seed: 1 }), pixels: new Uint8Array(96 * 64 * 3) }
  await copy.write('data/part0/ground_truth/scar/001_mask.png', await toPng(black))
  const { result } = await evaluate({ data: copy.at('data'), products: ['part0'] })
  expect(result.images).toBe(6)
  expect(result.evaluation.products['part0']?.more?.why?.['aupimo']).toContain('too few pixels')
})

test('the confusion follows the verdicts at the threshold of the card', async () => {
  const scores = (await evaluate()).events.flatMap((e) =>
    e.type === 'inspected'
      ? [{ score: e.inspected.record.score ?? NaN, isDefect: e.label === 'defect' }]
      : [],
  )
  // Two thresholds that split one of the classes: one good picture is above the first, one defect not above the second.
  const high = scores.filter((s) => !s.isDefect).sort((a, b) => b.score - a.score)[1]?.score ?? NaN
  const low = scores.filter((s) => s.isDefect).sort((a, b) => a.score - b.score)[0]?.score ?? NaN
  for (const threshold of [high, low]) {
    const all = Object.values((await evaluate({ model: modelBytes(undefined, threshold) })).result.confusion)
    const sum = (name: keyof (typeof all)[number]): number => all.reduce((total, c) => total + c[name], 0)
    const count = (isDefect: boolean, isAbove: boolean): number =>
      scores.filter((s) => s.isDefect === isDefect && s.score > threshold === isAbove).length
    expect(sum('goodFlagged')).toBe(count(false, true))
    expect(sum('goodPassed')).toBe(count(false, false))
    expect(sum('defectsFound')).toBe(count(true, true))
    expect(sum('defectsMissed')).toBe(count(true, false))
  }
  const strict = await evaluate({ model: modelBytes(['part0', 'part1'], -1) })
  for (const confusion of Object.values(strict.result.confusion))
    expect(confusion).toEqual({ goodPassed: 0, goodFlagged: 3, defectsFound: 3, defectsMissed: 0 })
})

test('recognised products are counted, wrong ones too', async () => {
  expect((await evaluate()).result.routing).toEqual({ correct: 12, total: 12 })
  const crossed = await evaluate({ model: modelBytes(['part1', 'part0']) })
  expect(crossed.result.routing).toEqual({ correct: 0, total: 12 })
})

test('a model of one product has no routing, and the name of the folder does not matter', async () => {
  const one = await trainTinyModel()
  const { result } = await evaluate({ model: tinyModelBytes(one), data: folder.at('data/part0') })
  expect(result.routing).toBeNull()
  expect(result.images).toBe(6)
})

test('only the products that are asked for are evaluated, and an unknown one is refused', async () => {
  const { result } = await evaluate({ products: ['part1'] })
  expect(Object.keys(result.evaluation.products)).toEqual(['part1'])
  await expect(evaluate({ products: ['prat1'] })).rejects.toMatchObject({
    code: 'PRODUCT_UNKNOWN',
    params: { suggestion: 'part1' },
  })
})

test('progress goes from nothing to all', async () => {
  const { events } = await evaluate()
  const stages = events.filter((e) => e.type === 'stage')
  expect(stages[0]).toMatchObject({ done: 0, total: 12 })
  expect(stages.at(-1)).toMatchObject({ done: 12, total: 12 })
  const done = stages.map((e) => e.done)
  expect(done).toEqual([...done].sort((a, b) => a - b))
})

async function copyData(): Promise<TestFolder> {
  const copy = await createTestFolder()
  await fs.cp(data, copy.at('data'), { recursive: true })
  return copy
}

test('a picture or mask that cannot be used is reported, and the rest counts', async () => {
  await using copy = await copyData()
  const text = await copy.write('data/part0/test/good/000.png', 'no picture')
  // A mask of another size: the picture it belongs to is named.
  await copy.write(
    'data/part0/ground_truth/scar/001_mask.png',
    await toPng(drawPicture({ width: 10, height: 10, seed: 1 })),
  )
  const { result, events } = await evaluate({ data: copy.at('data') })
  const errors = events.filter((e) => e.type === 'image-error')
  expect(errors).toMatchObject([
    { image: text, code: 'IMAGE_UNREADABLE' },
    { image: copy.at('data/part0/test/scar/001.png'), code: 'DATA_MASK_MISMATCH' },
  ])
  expect(result.images).toBe(10)
  expect(result.evaluation.products['part0']?.imageAuroc).toBe(1)
})

test('a defect without a mask counts for the verdict and not for the pixels', async () => {
  await using copy = await copyData()
  await fs.rm(copy.at('data/part0/ground_truth/scar/001_mask.png'))
  await fs.rm(copy.at('data/part1/ground_truth'), { recursive: true })
  const { result, events } = await evaluate({ data: copy.at('data') })
  expect(events.filter((e) => e.type === 'warning')).toMatchObject([
    { message: expect.stringContaining('1 defect image of "part0" without a mask') },
  ])
  const { part0, part1 } = result.evaluation.products
  expect(part0?.pixelAuroc ?? 0).toBeGreaterThan(0.9)
  expect(part1).toMatchObject({ imageAuroc: 1, pixelAuroc: null, aupro30: null })
  expect(part1?.why?.['pixelAuroc']).toContain('no masks')
  // A mean over some of the products would not compare.
  expect(result.evaluation.mean.pixelAuroc).toBeNull()
  const { defectsFound = 0, defectsMissed = 0 } = result.confusion['part1'] ?? {}
  expect(defectsFound + defectsMissed).toBe(3)
})

test('good pictures alone give no metric and say why, but do give the false alarms', async () => {
  await using copy = await copyData()
  for (const product of ['part0', 'part1'])
    await fs.rm(copy.at(`data/${product}/test/scar`), { recursive: true })
  const { result } = await evaluate({ data: copy.at('data') })
  expect(result.evaluation.mean.imageAuroc).toBeNull()
  expect(result.evaluation.products['part0']?.why?.['imageAuroc']).toBe('there are no defect images')
  expect(result.images).toBe(6)
})

test('data without a test split is an error about the data', async () => {
  await using copy = await createTestFolder()
  await writeTinyData(copy, { kinds: [0], train: 2 })
  await expect(evaluate({ data: copy.at('data') })).rejects.toMatchObject({ code: 'DATA_NO_TEST_IMAGES' })
  await expect(evaluate({ data: copy.at('nowhere') })).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' })
})

test('an abort ends the evaluation', async () => {
  const controller = new AbortController()
  const run = evaluateModel({ model: modelBytes(), data, threads: 1, signal: controller.signal })
  let seen = 0
  const stopped = drain(run, (event) => {
    if (event.type === 'inspected' && ++seen === 2) controller.abort()
  })
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
  expect(seen).toBe(2)
})
