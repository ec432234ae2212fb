import { writeFile } from 'node:fs/promises'
import { defaultRecipe } from '@assay/contract'
import type { ImportCrasOptions, ImportRobisOptions } from '@assay/core'
import { createTestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import type { Core } from '../core.ts'
import { run } from '../run.ts'
import { createFakeCore } from '../testing/fake-core.ts'
import { createTestHost, runCommandLine } from '../testing/host.ts'

/** An import that writes a file, and remembers what it was asked. */
function createImport() {
  const asked: (ImportCrasOptions | ImportRobisOptions)[] = []
  const importModel = async function* (
    options: ImportCrasOptions | ImportRobisOptions,
  ): ReturnType<Core['importCras']> {
    asked.push(options)
    yield { type: 'warning', message: 'Most good pictures of "cap" are recognised as "tile".' }
    await writeFile(options.out, Uint8Array.of(8, 10))
    const products = [
      {
        name: 'cap',
        threshold: 0.62,
        pixelThreshold: 0.7,
        heldOut: 20,
        heldOutAbove: 1,
        falseAlarms: 0.05,
        promised: 0.75,
        confidence: 0.95,
        unsure: null,
      },
    ]
    const parity = [{ provider: 'webgpu', images: 8, misrouted: 0, score: 2e-7, map: 3e-6, mask: 0 }] as const
    return { model: options.out, backbone: 'wide-resnet50-2', products, parity, recipe: defaultRecipe }
  }
  return { asked, core: createFakeCore({ importCras: importModel, importRobis: importModel }) }
}

const words = ['weights', 'import', 'cras', 'ckpt.pth', '--centres', 'center.pth', '--calibrate', 'good']

test('what was asked for reaches the library, and the names keep their order', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createImport()
  const out = folder.at('m.onnx')
  const given = [...words, '--product', 'tile', 'cap', '--providers', 'cpu,webgpu', '--out', out]
  const { code } = await runCommandLine(given, { core })
  expect(code).toBe(0)
  expect(asked[0]).toMatchObject({
    checkpoint: 'ckpt.pth',
    centres: 'center.pth',
    good: 'good',
    backbone: 'wide-resnet50-2',
    products: ['tile', 'cap'],
    providers: ['cpu', 'webgpu'],
    out,
  })
})

test('the summary shows thresholds and how far devices are from the CPU, and warnings go to stderr', async () => {
  await using folder = await createTestFolder()
  const { core } = createImport()
  const { out, err } = await runCommandLine([...words, '--out', folder.at('m.onnx')], { core })
  expect(out).toContain('cras as published, on wide-resnet50-2')
  expect(out).toMatch(/cap +0\.62\d* +20 +1/)
  expect(out).toMatch(/webgpu +8 +2\.0e-7 +3\.0e-6 +0 +0/)
  expect(err).toContain('warning: Most good pictures of "cap" are recognised as "tile".')
})

test('the JSON has the model, its method, backbone and products', async () => {
  await using folder = await createTestFolder()
  const { core } = createImport()
  const path = folder.at('m.onnx')
  const { out } = await runCommandLine([...words, '--out', path, '--json'], { core })
  expect(JSON.parse(out)).toMatchObject({
    model: path,
    method: 'cras',
    backbone: 'wide-resnet50-2',
    products: [{ name: 'cap', threshold: 0.62 }],
    parity: [{ provider: 'webgpu', score: 2e-7 }],
  })
})

const robisWords = ['weights', 'import', 'robis', 'model.pth', '--calibrate', 'good']

test('input and windows of RoBiS reach the library as numbers, 518 and no windows by default', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createImport()
  const out = ['--out', folder.at('m.onnx')]
  const { out: printed } = await runCommandLine([...robisWords, ...out], { core })
  await runCommandLine([...robisWords, '--input', '392', '--product', 'cap', ...out], { core })
  await runCommandLine([...robisWords, '--window', '512', ...out], { core })
  expect(asked.map((o) => 'input' in o && [o.input, o.window, o.product, o.backbone])).toEqual([
    [518, undefined, undefined, 'dinov2reg-vit-b14'],
    [392, undefined, 'cap', 'dinov2reg-vit-b14'],
    [518, 512, undefined, 'dinov2reg-vit-b14'],
  ])
  expect(printed).toContain('robis as published')
})

test.each([
  [[...robisWords, '--input', '448'], 'it is one of 518, 392'],
  [robisWords.slice(0, 4), 'give a folder of good images with --calibrate'],
])('%j is refused', async (given, text) => {
  const { core } = createImport()
  const { code, err } = await runCommandLine(given, { core })
  expect(code).toBe(64)
  expect(err).toContain(text)
})

test('an interrupted import says that it can be run again', async () => {
  await using folder = await createTestFolder()
  const core = createFakeCore({
    importCras: async function* () {
      yield { type: 'stage', stage: 'calibrate', done: 1, total: 9 }
      throw new DOMException('stopped', 'AbortError')
    },
  })
  const host = createTestHost([...words, '--out', folder.at('m.onnx')], { core })
  expect(await run(host)).toBe(130)
  expect(host.printed.err).toContain('The import was stopped.\n       Run the same command again.')
})
