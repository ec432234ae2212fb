/**
 * Writes the parts of our paper mode as ONNX, for same_numbers.py, which runs each beside the reference.
 *
 *   node tools/parity/cras/models.ts features <folder>   pictures to patch features: features.onnx
 *   node tools/parity/cras/models.ts step <folder>       one optimiser step: step.onnx, and its initial state
 *   node tools/parity/cras/models.ts score <folder>      the finished model around given tensors: score.onnx
 *
 * <folder>/request.json: dimension, noise, batch, products, seed. `step` reads the raw centres from bank.*,
 * `score` the trained tensors from tensors.*; see exchange.py for the two files of each.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mergeRecipe, paperRecipe } from '@assay/contract'
import { createGraph, writeOnnx, type Tensor } from '@assay/graph'
import { normaliseImage, openBackbone } from '../../../packages/core/src/backbone/index.ts'
import { addPatchFeatures, planFeatures, toRows } from '../../../packages/core/src/feature/index.ts'
import { cras } from '../../../packages/core/src/method/cras/index.ts'
import { buildTrainingModel } from '../../../packages/core/src/method/cras/training.ts'
import { buildModel } from '../../../packages/core/src/model/index.ts'
import { chooseDevice } from '../../../packages/core/src/runtime/index.ts'

interface Request {
  readonly dimension: number
  readonly noise: number
  readonly batch: number
  readonly products: number
  readonly seed: number
}

const [part, folder = '.'] = process.argv.slice(2)
const request = JSON.parse(await readFile(join(folder, 'request.json'), 'utf8')) as Request
const { dimension, noise, batch, products, seed } = request
const recipe = mergeRecipe(paperRecipe(products), {
  seed,
  features: { dimension },
  cras: { noiseScale: noise, batch },
})
const backbone = await openBackbone(recipe.features.backbone, recipe.features.taps)
// Adaptive pooling measures nothing, so no pictures are needed.
const noPictures = (async function* () {})()
const plan = await planFeatures(
  backbone,
  recipe,
  noPictures,
  await chooseDevice({ device: 'cpu', threads: 1 }),
)

switch (part) {
  case 'features': {
    const g = createGraph('features')
    const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
    g.output('rows', toRows(g, addPatchFeatures(g, normaliseImage(g, image, backbone.card.input), plan)))
    await writeFile(join(folder, 'features.onnx'), writeOnnx(g.build()))
    break
  }
  case 'step': {
    const entries = (await readTensors('bank'))['entries']
    if (entries === undefined) throw new Error('bank without entries')
    const size = entries.shape[1] ?? 0
    const pictures: Tensor = {
      dtype: 'int64',
      shape: [products, size],
      data: new BigInt64Array(products * size).fill(-1n),
    }
    const bank = { entries, pictures, products, size, dimension }
    const model = buildTrainingModel(recipe, bank, { rows: batch * size, damagedRows: 0, dimension, noise })
    await writeFile(join(folder, 'step.onnx'), model.bytes)
    await writeFile(join(folder, 'loop.json'), JSON.stringify(model.loop))
    await writeTensors('initial', model.initial)
    break
  }
  case 'score': {
    const fitted = [{ tensors: await readTensors('tensors'), steps: 0, owners: null }]
    const calibrations = Array.from({ length: products }, () => ({ threshold: 0, scale: 1 }))
    const model = buildModel({ plan, method: cras, fitted, recipe, products, router: null, calibrations })
    await writeFile(join(folder, 'score.onnx'), writeOnnx(model))
    break
  }
  case undefined:
  default:
    console.error('usage: models.ts <features|step|score> <folder>')
    process.exit(64)
}

async function readTensors(name: string): Promise<Record<string, Tensor>> {
  const shapes = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Record<string, number[]>
  const bytes = await readFile(join(folder, `${name}.bin`))
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  let at = 0
  const tensors: Record<string, Tensor> = {}
  for (const [key, shape] of Object.entries(shapes)) {
    const length = shape.reduce((product, n) => product * n, 1)
    tensors[key] = { dtype: 'float32', shape, data: values.slice(at, at + length) }
    at += length
  }
  return tensors
}

async function writeTensors(name: string, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  const entries = Object.entries(tensors)
  await writeFile(
    join(folder, `${name}.json`),
    JSON.stringify(Object.fromEntries(entries.map(([k, t]) => [k, t.shape]))),
  )
  const parts = entries.map(([, { data }]) => Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  await writeFile(join(folder, `${name}.bin`), Buffer.concat(parts))
}
