import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultRecipe, evaluationSchema } from '@assay/contract'
import { expect, test } from 'vitest'
import type { Core } from '../core.ts'
import { createFakeCore, drawPart, fakeEvaluateModel } from '../testing/fake-core.ts'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { runCommandLine } from '../testing/host.ts'

/** A demo whose parts are grey squares and whose training only says that it is done. */
function createDemoCore(folder: TestFolder): Core {
  return createFakeCore({
    evaluateModel: fakeEvaluateModel,
    synthesiseDataset: async (path) => {
      const draw = async (name: string, spot: number): Promise<unknown> =>
        folder.write(join(path.slice(folder.path.length), name), await drawPart(20, spot))
      for (const product of ['cap', 'tile']) {
        await draw(`${product}/train/good/0.png`, 30)
        await draw(`${product}/test/good/0.png`, 30)
        await draw(`${product}/test/stain/0.png`, 200)
      }
      return { folder: path, width: 20, height: 20, seed: 0, images: 6, masks: 0, bytes: 0, products: [] }
    },
    trainModel: async function* (options) {
      yield { type: 'chosen', method: 'cras', reason: 'asked for' }
      await folder.write(options.out.slice(folder.path.length), 'model')
      const products = ['cap', 'tile'].map((name) => ({
        name,
        threshold: 1,
        pixelThreshold: 1,
        heldOut: 2,
        heldOutAbove: 0,
        falseAlarms: 0.05,
        promised: 0.75,
        confidence: 0.95,
        unsure: null,
      }))
      return {
        model: options.out,
        method: 'cras',
        backbone: 'b',
        steps: 1,
        seconds: 1,
        threshold: 1,
        products,
        parity: [],
        recipe: defaultRecipe,
      }
    },
  })
}

test('the demo ends with what was found, where to look and what to try next', async () => {
  await using folder = await createTestFolder()
  const { code, out } = await runCommandLine(['demo', '--out', folder.at('demo')], {
    core: createDemoCore(folder),
  })
  expect(code).toBe(0)
  expect(out).toContain('Assay drew 6 pictures of 2 made-up products (cap, tile)')
  expect(out).toMatch(/defects found +2 of 2/)
  expect(out).toMatch(/good parts passed +2 of 2/)
  expect(out).toContain(`Look at it:  ${folder.at('demo/index.html')}`)
  expect(out).toContain('assay train <folder of good images>')
})

test('both pages show the parts, and every link of them leads somewhere', async () => {
  await using folder = await createTestFolder()
  await runCommandLine(['demo', '--out', folder.at('demo')], { core: createDemoCore(folder) })
  for (const name of ['index.html', 'evaluation.html']) {
    const page = await readFile(folder.at('demo', name), 'utf8')
    const links = [...page.matchAll(/(?:src|href)="((?!data:|#)[^"]*)"/g)].map((m) => m[1]!)
    expect(links.length).toBeGreaterThan(4)
    for (const link of links)
      await expect(readFile(folder.at('demo', decodeURIComponent(link)))).resolves.toBeDefined()
  }
})

test('a second demo takes the place of the first, but a folder of something else is left alone', async () => {
  await using folder = await createTestFolder()
  const core = createDemoCore(folder)
  for (let i = 0; i < 2; i++)
    expect((await runCommandLine(['demo', '--out', folder.at('demo')], { core })).code).toBe(0)
  await folder.write('mine/letter.txt', 'dear')
  const { code, err } = await runCommandLine(['demo', '--out', folder.at('mine')], { core })
  expect(code).toBe(73)
  expect(err).toContain("is not Assay's to overwrite")
  expect(await readdir(folder.at('mine'))).toEqual(['letter.txt'])
})

test('the JSON of the demo is one document with the evaluation in it', async () => {
  await using folder = await createTestFolder()
  const words = ['demo', '--out', folder.at('demo'), '--json', '--quiet']
  const { out, err } = await runCommandLine(words, { core: createDemoCore(folder) })
  expect(err).toBe('')
  const { mean, products, ...rest } = JSON.parse(out) as Record<string, unknown>
  expect(evaluationSchema.safeParse({ mean, products }).success).toBe(true)
  expect(rest).toMatchObject({
    report: folder.at('demo/index.html'),
    model: folder.at('demo/model.onnx'),
    images: 6,
  })
})
