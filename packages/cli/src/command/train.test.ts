import { mkdir, writeFile } from 'node:fs/promises'
import { AssayError, defaultRecipe } from '@assay/contract'
import type { TrainEvent, TrainOptions, TrainResult } from '@assay/core'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Core } from '../core.ts'
import { createFakeCore } from '../testing/fake-core.ts'
import { createTestFolder } from '@assay/core/testing/folder'
import { createTestHost, runCommandLine } from '../testing/host.ts'
import { run } from '../run.ts'

const events: TrainEvent[] = [
  { type: 'device', device: 'cpu', reason: 'asked for', threads: 2 },
  { type: 'chosen', method: 'cras', reason: 'asked for' },
  { type: 'data', products: [{ name: 'cap', images: 18, heldOut: 2, height: 64, width: 96, window: null }] },
  {
    type: 'image-error',
    image: 'x.png',
    code: 'IMAGE_UNREADABLE',
    message: 'Cannot decode x.png: it is cut.',
    hint: '',
  },
  { type: 'stage', stage: 'features', done: 18, total: 18 },
  { type: 'step', step: 300, of: 300, loss: 0.1234 },
]

/** A training that says what it would, writes a file, and remembers what it was asked. */
function createTraining() {
  const asked: TrainOptions[] = []
  const trainModel: Core['trainModel'] = async function* (options) {
    asked.push(options)
    yield* events
    await writeFile(options.out, Uint8Array.of(8, 10))
    const products = [
      {
        name: 'cap',
        threshold: 2.05,
        pixelThreshold: 3.1,
        heldOut: 2,
        heldOutAbove: 0,
        falseAlarms: 0.05,
        promised: 0.75,
        confidence: 0.95,
        unsure: null,
      },
    ]
    return {
      model: options.out,
      method: 'cras',
      backbone: 'efficientnet-lite0',
      steps: 300,
      seconds: 12.3456,
      threshold: 2.05,
      products,
      parity: [{ provider: 'cpu', images: 4, misrouted: 0, score: 0, map: 1.2e-7, mask: 0 }],
      recipe: defaultRecipe,
    } satisfies TrainResult
  }
  return { asked, core: createFakeCore({ trainModel }) }
}

test('the JSON of a training has the agreed keys first', async () => {
  await using folder = await createTestFolder()
  const { core } = createTraining()
  const { code, out } = await runCommandLine(['train', 'parts', '--out', folder.at('m.onnx'), '--json'], {
    core,
  })
  const document: unknown = JSON.parse(out)
  expect(Object.keys(document as object).slice(0, 6)).toEqual([
    'model',
    'method',
    'backbone',
    'steps',
    'seconds',
    'threshold',
  ])
  expect(document).toMatchObject({ model: folder.at('m.onnx'), steps: 300, seconds: 12.346, threshold: 2.05 })
  expect(code).toBe(0)
})

test('progress goes to stderr and the summary to stdout', async () => {
  await using folder = await createTestFolder()
  const { core } = createTraining()
  const { out, err } = await runCommandLine(['train', 'parts', '--out', folder.at('m.onnx')], { core })
  expect(out).toContain('cras on efficientnet-lite0, 300 steps, 12 s')
  expect(out).toContain(`Next: assay inspect ${folder.at('m.onnx')}`)
  expect(err).toContain('product cap: 18 images to learn from, 2 held out for the thresholds, input 96 x 64')
  expect(err).toContain('training: 300/300, loss 0.1234')
  expect(err).toContain('warning: Cannot decode x.png: it is cut. It is left out.')
})

test('the summary and the JSON say how far each provider is from the CPU', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createTraining()
  const words = ['train', 'parts', '--out', folder.at('m.onnx'), '--providers', 'cpu, webgpu']
  const { out } = await runCommandLine(words, { core })
  expect(asked[0]?.providers).toEqual(['cpu', 'webgpu'])
  expect(out).toMatch(/against the CPU +images +score +map +mask +other product\ncpu +4 +0 +1\.2e-7 +0 +0\n/)
  const { out: json } = await runCommandLine([...words, '--json'], { core })
  expect(JSON.parse(json)).toMatchObject({ parity: [{ provider: 'cpu', images: 4, map: 1.2e-7 }] })
})

test('quiet leaves results and warnings only', async () => {
  await using folder = await createTestFolder()
  const { core } = createTraining()
  const { err } = await runCommandLine(['train', 'parts', '--out', folder.at('m.onnx'), '--quiet'], { core })
  expect(err).toBe('warning: Cannot decode x.png: it is cut. It is left out.\n')
})

test('data is learned from as --layout says, and a layout that does not exist is refused with all that do', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createTraining()
  const words = ['train', 'parts', '--out', folder.at('m.onnx'), '--layout']
  await runCommandLine([...words, 'plain'], { core })
  const { code, err } = await runCommandLine([...words, 'plane'], { core })
  expect(asked.map(({ layout }) => layout)).toEqual(['plain'])
  expect(code).toBe(64)
  expect(err).toContain('perhaps "plain"')
  for (const { name } of core.layouts) expect(err).toContain(name)
})

test('what was asked for reaches the library, and what was not stays open', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createTraining()
  const recipe = await folder.write('r.yaml', 'score: { sigma: 2 }')
  const words = ['--seed', '7', '--memory', '1GB', '--recipe', recipe, '--resume', '--product', 'cap', 'tile']
  await runCommandLine(['train', 'parts', '--out', folder.at('m.onnx'), ...words], { core })
  await runCommandLine(['train', 'parts', '--out', folder.at('m.onnx')], { core })
  expect(asked[0]).toMatchObject({
    data: 'parts',
    seed: 7,
    memoryBytes: 1e9,
    recipe: { score: { sigma: 2 } },
    resume: true,
    products: ['cap', 'tile'],
  })
  expect(asked[0]?.profile).toBeUndefined()
  expect(asked[1]).toMatchObject({ resume: false })
  for (const name of ['method', 'seed', 'recipe', 'products'] as const)
    expect(asked[1]?.[name]).toBeUndefined()
})

test('a mistyped recipe key ends the run before anything is trained', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createTraining()
  const recipe = await folder.write('r.yaml', 'cras:\n  nosieScale: 2')
  const { code, err } = await runCommandLine(
    ['train', 'parts', '--out', folder.at('m.onnx'), '--recipe', recipe],
    { core },
  )
  expect(code).toBe(78)
  expect(err).toContain('Did you mean "noiseScale"?')
  expect(asked).toEqual([])
})

test('a place where no model can be written is refused before hours of work', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createTraining()
  await folder.write('file', 'x')
  const { code, err } = await runCommandLine(['train', 'parts', '--out', folder.at('file/m.onnx')], { core })
  expect(code).toBe(73)
  expect(err).toContain('Cannot write')
  expect(asked).toEqual([])
})

test('a printed recipe shows every key with the flags applied, and can be used as a recipe', async () => {
  const { code, out } = await runCommandLine(
    ['train', '--print-recipe', '--seed', '9', '--method', 'patchcore'],
    { core: createFakeCore() },
  )
  expect(code).toBe(0)
  const recipe: unknown = parse(out)
  expect(recipe).toMatchObject({ seed: 9, method: 'patchcore' })
  expect(Object.keys(recipe as object)).toEqual(Object.keys(defaultRecipe))
})

test('methods that were compared stand in a table on stderr, and in the JSON', async () => {
  await using folder = await createTestFolder()
  const rest = { aupro30: 0.8, aupro05: 0.5, isTied: true, leftOut: null }
  const why = 'padim compares the same place of all pictures'
  const comparison = {
    trainingImages: 21,
    heldOutImages: 10,
    damages: ['crack'],
    candidates: [
      { ...rest, method: 'robis' as const, imageAuroc: 0.912 },
      { ...rest, method: 'cras' as const, imageAuroc: 0.75, isTied: false },
      {
        method: 'padim' as const,
        imageAuroc: null,
        aupro30: null,
        aupro05: null,
        isTied: false,
        leftOut: why,
      },
    ],
  }
  const choice = { reason: 'found most', comparison }
  const { core } = createTraining()
  const trainModel: Core['trainModel'] = async function* (options) {
    const methods = ['cras', 'robis']
    yield { type: 'comparing', methods, trainingImages: 21, heldOutImages: 10, seconds: 55 }
    yield { type: 'chosen', method: 'robis', reason: 'found most', comparison }
    return { ...(yield* core.trainModel(options)), choice }
  }
  const words = ['train', 'parts', '--out', folder.at('m.onnx'), '--method', 'auto']
  const { err } = await runCommandLine(words, { core: { ...core, trainModel } })
  expect(err).toContain('comparing cras, robis: each learns from 21 images and judges 10 others')
  expect(err).toContain('about 55 s')
  expect(err).toMatch(/robis +91\.2 +80\.0 +50\.0 +perhaps the best\ncras +75\.0 +80\.0 +50\.0\npadim +padim/)
  expect(err).toContain('method: robis (found most)')
  const { out } = await runCommandLine([...words, '--json'], { core: { ...core, trainModel } })
  expect(JSON.parse(out)).toMatchObject({ choice })
})

test('settings printed for "auto" say that they are those of the default method', async () => {
  const { out, err } = await runCommandLine(['train', '--print-recipe', '--method', 'auto'], {
    core: createFakeCore(),
  })
  expect(parse(out)).toMatchObject({ method: 'cras' })
  expect(err).toContain('auto')
})

test.each([true, false])('an interrupted training says how to go on (begun: %s)', async (isBegun) => {
  await using folder = await createTestFolder()
  const out = folder.at('my model.onnx')
  const core = createFakeCore({
    trainModel: async function* (options) {
      yield* events
      if (isBegun) await mkdir(`${options.out}.work`)
      throw new AssayError('INTERRUPTED', { what: 'Training' })
    },
  })
  const host = createTestHost(['train', 'parts', '--out', out, '--seed', '3'], { core })
  expect(await run(host)).toBe(130)
  const command = `assay train parts --out '${out}' --seed 3`
  expect(host.printed.err).toContain(
    isBegun
      ? `Go on where it stopped: ${command} --resume\n`
      : `Nothing was begun; start again with: ${command}\n`,
  )
})

test('what the thresholds aim at reaches the library as shares', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createTraining()
  const out = folder.at('m.onnx')
  const aims = ['--false-alarms', '1 in 500', '--unsure', '5%', '--confidence', '0.9']
  const { code } = await runCommandLine(['train', 'parts', '--out', out, ...aims], { core })
  expect(code).toBe(0)
  expect(asked[0]).toMatchObject({ falseAlarms: 0.002, unsure: 0.05, confidence: 0.9 })
})
