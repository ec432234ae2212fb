/**
 * Trains CRAS on stored patch features: centres, then optimiser steps, then the scales of its two scores.
 *
 * Everything drawn at a step depends on the seed and the step alone, so a training that was interrupted
 * and resumed ends in the same bytes as one that was not.
 */
import { AssayError } from '@assay/contract'
import { createGraph, writeOnnx, type Tensor } from '@assay/graph'
import { ownPenalty, type Bank } from '../../memory/bank.ts'
import { createRandom } from '../../random.ts'
import { openSession, openStatefulSession } from '../../runtime/index.ts'
import type { Fitted, FitEvent, FitInput } from '../method.ts'
import { buildCentres } from './centres.ts'
import { createImageSource, createPoolSource } from './batch.ts'
import { addAdaptor, headParameters, type Lookup } from './head.ts'
import { buildPool } from './pool.ts'
import { addReadings, readings } from './score.ts'
import { buildTrainingModel } from './training.ts'

/** Images per product from which the scales of logit and distance are taken. */
const scaleImages = 16
/** Rows from which the spread of the features is estimated. */
const spreadRows = 8192
const saveEveryMs = 10_000

export async function* fitCras(input: FitInput): AsyncGenerator<FitEvent, Fitted> {
  const { recipe } = input
  const bank = yield* buildCentres(input)
  const trained = yield* trainHeads(input, bank)
  const steps = countSteps(input)
  if (recipe.mode === 'paper')
    return { tensors: { bank: await adaptCentres(input, bank), ...trained }, steps, owners: null }
  const scales = await measureScales(input, bank, trained)
  return { tensors: { ...bank.stored, ...trained, ...scales }, steps, owners: bank.pictures }
}

/** Paper mode: the centres as the fresh adaptor of the seed made them. */
async function adaptCentres({ recipe, device, store }: FitInput, bank: Bank): Promise<Tensor> {
  const g = createGraph('cras-centres')
  const initial = new Map(
    headParameters(recipe.cras, 0, store.dimension, recipe.seed).map((p) => [p.name, p.initial]),
  )
  const lookup: Lookup = (name) => g.constant(initial.get(name) as Tensor, name)
  const raw = g.input('raw', 'float32', bank.entries.shape)
  g.output('adapted', g.mul(addAdaptor(g, raw, recipe.cras, 0, lookup), 1))
  await using session = await openSession(writeOnnx(g.build()), device, 'adapting the centres')
  const { adapted } = await session.run({ raw: bank.entries })
  if (adapted === undefined) throw new Error('internal: no adapted centres')
  return adapted
}

/** Optimiser steps that the recipe asks for. */
function countSteps({ recipe, products }: FitInput): number {
  const { cras } = recipe
  if (cras.steps > 0) return cras.steps + cras.stepsPerExtraProduct * (products.length - 1)
  const images = products.reduce((sum, p) => sum + p.images.length, 0)
  const perEpoch = cras.limit < 0 ? images : Math.min(images, cras.limit)
  return cras.epochs * Math.ceil(perEpoch / cras.batch)
}

async function* trainHeads(input: FitInput, bank: Bank): AsyncGenerator<FitEvent, Record<string, Tensor>> {
  const { store, recipe, device, checkpoints, signal } = input
  const { cras, seed } = recipe
  const source =
    cras.centres === 'coreset'
      ? createPoolSource(yield* buildPool(input, bank), bank, recipe)
      : createImageSource(input, bank)
  const noisyRows = source.rows - source.damagedRows
  const noise = cras.noise === 'absolute' ? cras.noiseScale : cras.noiseScale * meanSpread(input)
  const model = buildTrainingModel(recipe, bank, {
    rows: source.rows,
    damagedRows: source.damagedRows,
    dimension: store.dimension,
    noise,
  })
  const saved = await checkpoints.load('head')
  const total = countSteps(input)
  const { step: savedStep, ...savedState } = saved ?? {}
  let step = Number(savedStep?.data[0] ?? 0)
  await using session = await openStatefulSession(
    model.bytes,
    device,
    'training',
    model.loop,
    saved === null ? model.initial : savedState,
  )
  if (saved !== null) yield { type: 'resumed', step, of: total }
  const units = cras.headInputs.map(() => new Float32Array(noisyRows * store.dimension))
  const save = async (): Promise<void> =>
    checkpoints.save('head', {
      ...(await session.readState()),
      step: { dtype: 'int64', shape: [1], data: BigInt64Array.of(BigInt(step)) },
    })
  let savedAt = performance.now()
  try {
    while (step < total) {
      signal?.throwIfAborted()
      const feeds: Record<string, Tensor> = { ...source.fill(step) }
      for (const [head, unit] of units.entries()) {
        createRandom(seed, 'cras-noise', step, head).fillNormal(unit)
        feeds[`noise${head}`] = { dtype: 'float32', shape: [noisyRows, store.dimension], data: unit }
      }
      feeds['time'] = { dtype: 'float32', shape: [], data: Float32Array.of(step + 1) }
      const { loss } = await session.step(feeds)
      step++
      const value = Number(loss?.data[0])
      if (!Number.isFinite(value)) throw new AssayError('TRAINING_DIVERGED', { step, loss: value })
      if (performance.now() - savedAt > saveEveryMs) {
        await save()
        savedAt = performance.now()
      }
      yield { type: 'step', step, of: total, loss: value }
    }
  } catch (error) {
    // Stopped by hand: what was reached is kept.
    if (signal?.aborted === true) await save()
    throw error
  }
  await save()
  const kept = Object.entries(await session.readState()).filter(([name]) => name.startsWith('head'))
  // The runtime may reuse its buffers after disposal.
  return Object.fromEntries(kept.map(([name, t]) => [name, { ...t, data: t.data.slice() }]))
}

/** Mean over the dimensions of the standard deviation of a feature value over training patches. */
function meanSpread({ store, products, recipe }: FitInput): number {
  const { dimension } = store
  const random = createRandom(recipe.seed, 'cras-spread')
  const images = products.flatMap((p) => p.images)
  const perImage = Math.max(1, Math.ceil(spreadRows / images.length))
  const sum = new Float64Array(dimension)
  const squares = new Float64Array(dimension)
  let count = 0
  for (const image of images) {
    const wanted = random.sample(store.rowsOf(image), Math.min(perImage, store.rowsOf(image)))
    const rows = new Float32Array(wanted.length * dimension)
    store.read(image, wanted, rows)
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]!
      sum[i % dimension]! += value
      squares[i % dimension]! += value * value
    }
    count += wanted.length
  }
  let total = 0
  for (let d = 0; d < dimension; d++)
    total += Math.sqrt(Math.max(0, squares[d]! / count - (sum[d]! / count) ** 2))
  return total / dimension
}

/**
 * Mean and deviation of each reading over training patches, per product, own picture left out of the search:
 * what makes them add up on one scale. `[products, 2 * readings]`
 */
async function measureScales(
  input: FitInput,
  bank: Bank,
  trained: Readonly<Record<string, Tensor>>,
): Promise<Record<string, Tensor>> {
  const { store, products, recipe, device, signal } = input
  const { dimension } = store
  const g = createGraph('cras-scales')
  const rows = g.input('rows', 'float32', ['rows', dimension])
  const parts = addReadings(g, {
    scope: '',
    rows,
    bank: g.input('bank', 'float32', [bank.size, dimension]),
    size: bank.size,
    neighbours: recipe.memory.neighbours,
    penalty: g.unsqueeze(g.input('penalty', 'float32', [bank.size]), [0]),
    tensors: trained,
    cras: recipe.cras,
  })
  for (const name of readings) g.output(name, parts[name])
  await using session = await openSession(writeOnnx(g.build()), device, 'measuring the scales')
  const width = 2 * readings.length
  const scales = new Float32Array(products.length * width)
  for (const [p, product] of products.entries()) {
    const entries = bank.entries.data.slice(p * bank.size * dimension, (p + 1) * bank.size * dimension)
    const random = createRandom(recipe.seed, 'cras-scales', p)
    const sums = readings.map(() => 0)
    const squares = readings.map(() => 0)
    let n = 0
    for (const index of random.sample(product.images.length, Math.min(scaleImages, product.images.length))) {
      signal?.throwIfAborted()
      const image = product.images[index] ?? 0
      const data = new Float32Array(store.rowsOf(image) * dimension)
      store.read(image, null, data)
      const result = await session.run({
        rows: { dtype: 'float32', shape: [store.rowsOf(image), dimension], data },
        bank: { dtype: 'float32', shape: [bank.size, dimension], data: entries },
        penalty: {
          dtype: 'float32',
          shape: [bank.size],
          data: ownPenalty(bank.pictures, p, store.pictureOf(image)),
        },
      })
      for (const [r, name] of readings.entries()) {
        for (const value of (result[name]?.data ?? []) as Float32Array) {
          sums[r]! += value
          squares[r]! += value * value
        }
      }
      n += store.rowsOf(image)
    }
    for (const r of readings.keys()) {
      const mean = sums[r]! / n
      scales[p * width + 2 * r] = mean
      scales[p * width + 2 * r + 1] = Math.max(1e-6, Math.sqrt(Math.max(0, squares[r]! / n - mean * mean)))
    }
  }
  return { scales: { dtype: 'float32', shape: [products.length, width], data: scales } }
}
