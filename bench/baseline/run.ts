/**
 * What PatchCore and PaDiM lose or gain by how they keep their memory: variants that differ in nothing else, on the
 * same features of the same pictures.
 *
 *     npx node bench/baseline/run.ts <data> <set> <csv> [--variants drawn,all] [--seeds 0] [--profile balanced] [--threads 1]
 *
 * Features of training and test pictures are taken once for each seed, and every variant is fitted to them and judges
 * them: image AUROC and AU-PRO at the size of the pictures, as `assay evaluate` does. `radius` and `nearest` are the
 * largest and the mean distance of all training patches to their nearest entry; `fitS` is the fit alone, `headMs` the
 * median for the scores of one picture behind the features, both in processor time; `headMb` is what the scoring takes
 * in the model file. Variants take turns picture by picture, so what else the machine does touches all alike.
 */
import { mergeRecipe, type PartialRecipe, type Recipe } from '@assay/contract'
import { readDataset, readMask } from '@assay/core'
import { createGraph, writeOnnx, type GraphBuilder, type Tensor } from '@assay/graph'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openBackbone } from '../../packages/core/src/backbone/index.ts'
import {
  createFeatureStore,
  featureDimension,
  gridSize,
  openExtractor,
  planFeatures,
  prepareInput,
  type FeatureStore,
  type InputGeometry,
  type InputSize,
} from '../../packages/core/src/feature/index.ts'
import type { Extractor } from '../../packages/core/src/feature/extract.ts'
import { decodeImage, interpolateBilinear } from '../../packages/core/src/image/index.ts'
import { addBank } from '../../packages/core/src/memory/bank.ts'
import { findNearest } from '../../packages/core/src/memory/search.ts'
import { findMethod } from '../../packages/core/src/method/catalogue.ts'
import { addGaussian, addUpsampled } from '../../packages/core/src/method/map.ts'
import type { Checkpoints, Fitted, TrainingProduct } from '../../packages/core/src/method/method.ts'
import {
  createPixelAccumulator,
  evaluateImages,
  evaluatePixels,
} from '../../packages/core/src/metric/index.ts'
import { extractFeatures, sampleInputs } from '../../packages/core/src/pipeline/extract.ts'
import { resolveRecipe } from '../../packages/core/src/pipeline/recipe.ts'
import { planTrainingSet } from '../../packages/core/src/pipeline/training-set.ts'
import { chooseDevice, openSession, type Session } from '../../packages/core/src/runtime/index.ts'

const variants: Readonly<Record<string, PartialRecipe>> = {
  drawn: { method: 'patchcore' },
  all: { method: 'patchcore', memory: { consider: 'all' } },
  'all-small-pool': { method: 'patchcore', memory: { consider: 'all', candidates: 10_000 } },
  float16: { method: 'patchcore', memory: { precision: 'float16' } },
  int8: { method: 'patchcore', memory: { precision: 'int8' } },
  padim: { method: 'padim' },
  'padim-top': { method: 'padim', score: { topShare: 0.01 } },
  'padim-ridge-0.001': { method: 'padim', padim: { ridgeScale: 0.001 } },
  'padim-ridge-0.1': { method: 'padim', padim: { ridgeScale: 0.1 } },
  'padim-50': { method: 'padim', padim: { dimensions: 50 } },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    variants: { type: 'string', default: Object.keys(variants).join(',') },
    seeds: { type: 'string', default: '0' },
    profile: { type: 'string', default: 'balanced' },
    threads: { type: 'string', default: '1' },
  },
})
const [data = '', set = '', csv = ''] = positionals
const columns =
  'set,profile,variant,seed,imageAuroc,pixelAuroc,aupro30,aupro05,radius,nearest,fitS,headMs,headMb'
const device = await chooseDevice({ device: 'cpu', threads: Number(values.threads) })
const profile = values.profile as Recipe['profile']
const dataset = await readDataset(data)
const tests = dataset.products.flatMap((p) => p.samples).filter((s) => s.split === 'test')
if (!existsSync(csv)) writeFileSync(csv, `${columns}\n`)
for (const seed of values.seeds.split(',').map(Number)) await runSeed(seed)

type Saved = Readonly<Record<string, Tensor>>

interface Judge {
  readonly name: string
  readonly topShare: number
  readonly session: Session
  readonly scores: number[]
  readonly maps: Float32Array[]
  readonly times: number[]
  /** The columns about the fit. */
  readonly fit: readonly number[]
}

/** What all variants of a seed share. */
interface Shared {
  readonly seed: number
  readonly base: Recipe
  readonly geometry: InputGeometry
  readonly grid: { readonly height: number; readonly width: number }
  readonly store: FeatureStore
  readonly products: readonly TrainingProduct[]
  /** Entries chosen so far, for variants that keep the same ones in another precision. */
  readonly chosen: Map<string, Saved>
}

async function runSeed(seed: number): Promise<void> {
  const base = resolveRecipe({ method: 'patchcore', profile, seed }, 1)
  const backbone = await openBackbone(base.features.backbone, base.features.taps)
  const plans = await finish(planTrainingSet(dataset, base))
  const [own] = plans
  if (own === undefined || plans.length > 1) throw new Error('one product is needed')
  const { geometry } = own
  const options = { plans, recipe: base, device, maxPixels: undefined, signal: undefined }
  const plan = await planFeatures(backbone, base, sampleInputs(options), device)
  using store = createFeatureStore({
    dimension: featureDimension(plan),
    expectedRows: 0,
    precision: 'float16',
    budgetBytes: Infinity,
    spillPath: '',
  })
  const { products } = await finish(extractFeatures(options, plan, [store]))
  const grid = gridSize(plan, geometry.height, geometry.width, 1)
  const shared = { seed, base, geometry, grid, store, products: products[0] ?? [], chosen: new Map() }
  const judges: Judge[] = []
  for (const name of values.variants.split(',')) judges.push(await fitVariant(name, shared))
  await using extractor = await openExtractor(plan, device)
  const sizes = await judgeTests(judges, extractor, shared)
  for (const judge of judges) {
    await judge.session[Symbol.asyncDispose]()
    await report(judge, sizes, shared)
  }
}

/** Features and seed are those of the base; only what the method makes of them differs. */
async function fitVariant(name: string, shared: Shared): Promise<Judge> {
  const { seed, base, geometry, grid, store, products, chosen } = shared
  const layer = variants[name]
  if (layer === undefined) throw new Error(`no variant ${name}`)
  const usual = resolveRecipe({ method: layer.method, profile, seed }, 1)
  const recipe = mergeRecipe({ ...usual, features: base.features }, layer)
  const method = findMethod(recipe.method)
  const started = processorMs()
  const { consider, candidates } = recipe.memory
  const checkpoints = shareChoices(chosen, `${recipe.method} ${consider} ${candidates}`)
  const fitted = await finish(method.fit({ store, products, damaged: [], recipe, device, checkpoints }))
  const seconds = (processorMs() - started) / 1000
  const bytes = build((g) => {
    const rows = g.input('rows', 'float32', ['n', grid.height * grid.width, store.dimension])
    const features = g.reshape(g.transpose(rows, [0, 2, 1]), [0, 0, grid.height, grid.width])
    const common = { scope: '', rows, grid: features, product: null, fitted, recipe, penalty: null }
    const { image, map } = method.addScores(g, common)
    const planes = g.input('planes', 'float32', ['n', 1, geometry.height, geometry.width])
    const lying = g.reshape(map, [0, 1, grid.height, grid.width])
    g.output('image', image)
    g.output('map', addGaussian(g, addUpsampled(g, lying, planes), recipe.score.sigma))
  })
  const reach = recipe.method === 'patchcore' ? await measureReach(store, products, fitted) : [NaN, NaN]
  return {
    name,
    topShare: recipe.score.topShare,
    session: await openSession(bytes, device, name),
    scores: [],
    maps: [],
    times: [],
    fit: [...reach, seconds, bytes.length / 1e6],
  }
}

/** Sizes of the test pictures. */
async function judgeTests(
  judges: readonly Judge[],
  extractor: Extractor,
  { geometry, grid, base, store }: Shared,
): Promise<readonly InputSize[]> {
  const { height, width } = geometry
  const sizes: InputSize[] = []
  const planes = new Float32Array(height * width)
  for (const { path } of tests) {
    const picture = await decodeImage(path)
    sizes.push({ height: picture.height, width: picture.width })
    const [rows = new Float32Array()] = await extractor.extract(prepareInput(picture, geometry, base.input))
    for (const judge of judges) {
      const started = processorMs()
      const { image, map } = await judge.session.run({
        rows: { dtype: 'float32', shape: [1, grid.height * grid.width, store.dimension], data: rows },
        planes: { dtype: 'float32', shape: [1, 1, height, width], data: planes },
      })
      judge.times.push(processorMs() - started)
      judge.maps.push(Float32Array.from(map?.data as Float32Array))
      const patches = Float32Array.from(image?.data as Float32Array)
        .sort()
        .reverse()
      const count = Math.max(1, Math.floor(patches.length * judge.topShare))
      judge.scores.push(patches.subarray(0, count).reduce((a, b) => a + b, 0) / count)
    }
  }
  return sizes
}

async function report(judge: Judge, sizes: readonly InputSize[], { seed, geometry }: Shared): Promise<void> {
  const pixels = createPixelAccumulator()
  for (const [i, sample] of tests.entries()) {
    const { width, height } = sizes[i] ?? { width: 0, height: 0 }
    if (sample.label !== 'good' && sample.maskPath === null) continue
    const mask =
      sample.maskPath === null ? null : await readMask(sample.maskPath, { name: sample.path, width, height })
    const small = judge.maps[i] ?? new Float32Array()
    const options = { alignCorners: false }
    const map = interpolateBilinear(small, geometry.height, geometry.width, height, width, options)
    pixels.add(map, mask, width, height, sample.path)
  }
  const { imageAuroc } = evaluateImages(
    judge.scores,
    tests.map((s) => s.label !== 'good'),
  )
  const { pixelAuroc, aupro30, aupro05 } = evaluatePixels(pixels.rank())
  const [radius, nearest, seconds, megabytes] = judge.fit
  const median = [...judge.times].sort((a, b) => a - b)[judge.times.length >> 1]
  const figures = [imageAuroc, pixelAuroc, aupro30, aupro05, radius, nearest, seconds, median, megabytes]
  const words = figures.map((v) => (Number.isFinite(v) ? Number(v).toFixed(4) : ''))
  const row = [set, profile, judge.name, seed, ...words].join(',')
  appendFileSync(csv, `${row}\n`)
  console.log(row)
}

/** Largest and mean distance of all training patches to their nearest entry. */
async function measureReach(
  store: FeatureStore,
  products: readonly TrainingProduct[],
  fitted: Fitted,
): Promise<readonly [number, number]> {
  const bytes = build((g) => {
    const rows = g.input('rows', 'float32', ['n', store.dimension])
    const { bank, size } = addBank(g, fitted.tensors, null, '')
    g.output('nearest', findNearest(g, rows, bank, { size }).nearest)
  })
  await using session = await openSession(bytes, device, 'measuring the reach')
  let [most, sum, count] = [0, 0, 0]
  for (const image of products[0]?.images ?? []) {
    const rows = new Float32Array(store.rowsOf(image) * store.dimension)
    store.read(image, null, rows)
    const { nearest } = await session.run({
      rows: { dtype: 'float32', shape: [store.rowsOf(image), store.dimension], data: rows },
    })
    for (const v of (nearest?.data ?? []) as Float32Array) {
      most = Math.max(most, v)
      sum += v
      count++
    }
  }
  return [most, sum / count]
}

/** Variants that keep the same entries in another precision do not choose them again: their `fitS` is near 0. */
function shareChoices(chosen: Map<string, Saved>, key: string): Checkpoints {
  return {
    load: (name) => Promise.resolve(chosen.get(`${key} ${name}`) ?? null),
    save: (name, tensors) => Promise.resolve(void chosen.set(`${key} ${name}`, tensors)),
  }
}

/** What this process has computed so far: on a busy machine the clock tells little. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function build(fill: (g: GraphBuilder) => void): Uint8Array {
  const g = createGraph('baseline')
  fill(g)
  return writeOnnx(g.build())
}

async function finish<T>(run: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const { done, value } = await run.next()
    if (done === true) return value
  }
}
