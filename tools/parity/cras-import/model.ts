/**
 * Our side of compare.py, through the library, as a user would.
 *
 *   node tools/parity/cras-import/model.ts data <folder>     made-up parts: <folder>/data
 *   node tools/parity/cras-import/model.ts import <folder>   <folder>/model.onnx, and what it says of the test
 *                                                            pictures in <folder>/ours.json
 *
 * `import` reads backbone.pth, ckpt_best_0.pth and center.pth from <folder>; the cache of weights is
 * <folder>/cache, by the environment variable ASSAY_CACHE.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  addWeights,
  findWeightsCheck,
  importCras,
  openModel,
  readDataset,
  synthesiseDataset,
} from '@assay/core'

// Not in the order of the alphabet.
const products = ['flange', 'blister'] as const
const backbone = 'wide-resnet50-2'

const [part, folder = '.'] = process.argv.slice(2)
const data = join(folder, 'data')
const out = join(folder, 'model.onnx')

switch (part) {
  case 'data':
    await synthesiseDataset(data, {
      products,
      counts: { train: 8, validationGood: 3, testGood: 2, testDefect: 1 },
      defects: ['scratch', 'stain', 'missing'],
      size: { width: 420, height: 350 },
    })
    break
  case 'import': {
    const adding = addWeights(backbone, join(folder, 'backbone.pth'), { check: findWeightsCheck(backbone) })
    while ((await adding.next()).done !== true);
    const importing = importCras({
      checkpoint: join(folder, 'ckpt_best_0.pth'),
      centres: join(folder, 'center.pth'),
      backbone,
      products,
      good: data,
      out,
      threads: 1,
    })
    for (;;) {
      const { done, value } = await importing.next()
      if (done === true) break
      if (value.type !== 'stage') console.error(JSON.stringify(value))
    }
    await inspectAll()
    break
  }
  case undefined:
  default:
    console.error('usage: model.ts <data|import> <folder>')
    process.exit(64)
}

async function inspectAll(): Promise<void> {
  await using model = await openModel(out, { threads: 1 })
  const dataset = await readDataset(data)
  const ours: Record<string, { score: number; product: string | null }> = {}
  for (const { path } of dataset.products.flatMap((p) => p.samples.filter((s) => s.split === 'test'))) {
    const { record } = await model.inspect(path)
    ours[path] = { score: record.score ?? NaN, product: record.product }
  }
  await writeFile(join(folder, 'ours.json'), JSON.stringify({ card: model.card, ours }))
}
