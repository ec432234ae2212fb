/**
 * Step 2: trains one INP-Former per object on its good tiles, as published: every second tile of a step under
 * another exposure and with noise, so that the encoder runs in every step.
 *
 * Writes `<save_dir>/<object>/model.safetensors`. An interrupted training goes on where it stopped.
 */
import { AssayError, type ErrorParams, type Recipe } from '@assay/contract'
import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openBackbone, type Backbone } from '../../backbone/index.ts'
import {
  featureDimension,
  gridSize,
  openExtractor,
  planFeatures,
  type InputPixels,
} from '../../feature/index.ts'
import { findMethod } from '../../method/catalogue.ts'
import type { Fitted } from '../../method/method.ts'
import { createRandom } from '../../random.ts'
import { chooseDevice, type Device } from '../../runtime/index.ts'
import { varyExposure } from '../../synthesise/exposure.ts'
import { openCheckpoint, writeSafetensors } from '../../weights/index.ts'
import { mapAhead } from '../ahead.ts'
import { decodeAhead } from '../decode.ts'
import { openWorkFolder, type WorkFolder } from '../work-folder.ts'
import { findEncoder, recipeOf } from './encoder.ts'
import type { ObjectResult, Step, StepEvent, StepOptions } from './event.ts'
import { isPicture, listObjects, listSplit } from './layout.ts'
import { findModel, metadataOf, modelName } from './model.ts'
import { fitOnPictures } from './picture-features.ts'
import { exists, writeOutput } from './record.ts'
import { decodeTile, prepareTile } from './tile.ts'

export interface TrainStepOptions extends StepOptions {
  /** Optimiser steps in place of epochs. */
  readonly steps?: number | undefined
  /** Default 1, as the reference. */
  readonly seed?: number | undefined
}

export async function* trainOnTiles(options: TrainStepOptions): Step {
  const { settings, force = false, encoders, seed = 1, steps = 0, signal } = options
  const { save_dir: to, data_path: from } = settings
  const encoder = findEncoder(settings, encoders)
  const { INP_num: prototypes, total_epochs: epochs, batch_size: batch } = settings
  const recipe = recipeOf(encoder, { prototypes, epochs, batch, steps }, seed)
  const device = await chooseDevice({ device: settings.device, threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const metadata = {
    ...metadataOf(settings),
    INP_num: String(prototypes),
    ...(steps > 0 ? { steps: String(steps) } : { total_epochs: String(epochs) }),
    batch_size: String(batch),
    seed: String(seed),
  }
  const results: ObjectResult[] = []
  let backbone: Backbone | undefined
  for (const object of await listObjects(from, settings.mvtecad2_class_list, 'crop')) {
    signal?.throwIfAborted()
    const out = join(to, object, modelName)
    if (await isTrained(to, object, metadata, force)) {
      results.push({ object, made: 0, kept: 1, failed: 0 })
      continue
    }
    // Weights that are missing are told before anything long starts.
    backbone ??= await openBackbone(encoder.entry.card.id, encoder.entry.card.tokenTaps, [encoder.entry])
    const { files, failed } = yield* readTiles(object, options)
    if (files.length === 0)
      throw new AssayError('DATA_NO_GOOD_IMAGES', { path: join(from, object, 'train'), product: object })
    const work = await openWork(out, { ...metadata, tiles: hashOf(files) }, force)
    const fitted = yield* fitObject({ object, files, recipe, backbone, device, work, options })
    await writeOutput(out, writeSafetensors(new Map(Object.entries(fitted.tensors)), { ...metadata, object }))
    await work.remove()
    results.push({ object, made: 1, kept: 0, failed })
  }
  return { step: 'train', objects: results, sees: 'good', leftOut: null }
}

interface ObjectFit {
  readonly object: string
  readonly files: readonly string[]
  readonly recipe: Recipe
  readonly backbone: Backbone
  readonly device: Device
  readonly work: WorkFolder
  readonly options: StepOptions
}

async function* fitObject(fit: ObjectFit): AsyncGenerator<StepEvent, Fitted> {
  const { object, files, recipe, backbone, device, work, options } = fit
  const { settings, maxPixels, signal } = options
  const plan = await planFeatures(backbone, recipe, noPictures(), device)
  const grid = gridSize(plan, settings.crop_size, settings.crop_size, 1)
  await using extractor = await openExtractor(plan, device)
  const training = fitOnPictures({
    method: findMethod('robis'),
    dimension: featureDimension(plan),
    rows: grid.height * grid.width,
    input: {
      products: [
        { name: object, gridHeight: grid.height, gridWidth: grid.width, images: files.map((_, i) => i) },
      ],
      damaged: [],
      recipe,
      device,
      checkpoints: work.checkpoints,
      signal,
    },
    extract: async (image, step, place) => {
      const file = files[image] ?? ''
      const tile = await decodeTile(file, maxPixels)
      // All could be read before the first step.
      if ('type' in tile) throw new AssayError('IMAGE_UNREADABLE', { path: file, reason: 'it was changed' })
      const random = createRandom(recipe.seed, 'exposure', step, place)
      const [rows] = await extractor.extract(
        prepareTile(tile.image, settings, (pixels) => varyExposure(pixels, random)),
      )
      if (rows === undefined) throw new Error('internal: the encoder gave no tokens')
      // The runtime may reuse its buffers.
      return rows.slice()
    },
  })
  for (;;) {
    const { done, value } = await training.next()
    if (done === true) return value
    if (value.type !== 'stage') yield { ...value, object }
  }
}

/** The good tiles of an object that can be read; the others are reported. */
async function* readTiles(
  object: string,
  { settings, maxPixels, signal }: StepOptions,
): AsyncGenerator<StepEvent, { readonly files: readonly string[]; readonly failed: number }> {
  const tiles = (await listSplit(settings.data_path, object, 'train', isPicture)).filter(
    ({ label }) => label === null || label === 'good',
  )
  const files: string[] = []
  let done = 0
  const read = (path: string) => decodeTile(path, maxPixels)
  for await (const result of mapAhead(
    tiles.map((tile) => tile.path),
    decodeAhead,
    read,
  )) {
    signal?.throwIfAborted()
    if ('type' in result) yield result
    else files.push(result.file)
    yield { type: 'stage', object, what: 'reading', done: ++done, total: tiles.length }
  }
  return { files, failed: tiles.length - files.length }
}

/** Whether the object's model is there and the same; a model of the reference's counts, as it does there. */
async function isTrained(
  folder: string,
  object: string,
  metadata: Readonly<Record<string, string>>,
  force: boolean,
): Promise<boolean> {
  const path = await findModel(folder, object)
  if (path === null) return false
  if (!path.endsWith(modelName)) return !force
  await using file = await openCheckpoint(path)
  if (file.metadata['object'] !== object) throw new AssayError('OUTPUT_EXISTS', { path })
  if (force) return false
  const what = Object.keys(metadata).find((key) => file.metadata[key] !== metadata[key])
  if (what !== undefined) throw new AssayError('STEP_MISMATCH', { path, what })
  return true
}

/** The work folder of an interrupted training where there is one. */
async function openWork(out: string, plan: Readonly<Record<string, string>>, force: boolean) {
  await mkdir(dirname(out), { recursive: true })
  const isBegun = await exists(join(`${out}.work`, 'plan.json'))
  try {
    return await openWorkFolder({ out, plan, resume: isBegun && !force })
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== 'RESUME_MISMATCH') throw error
    // Steps go on without being told to, so its hint would mislead.
    // The code says which parameters these are.
    const { what } = error.params as ErrorParams<'RESUME_MISMATCH'>
    throw new AssayError('STEP_MISMATCH', { path: `${out}.work`, what }, { cause: error })
  }
}

function hashOf(files: readonly string[]): string {
  return createHash('sha256').update(files.join('\n')).digest('hex')
}

/** Tokens need no measuring beforehand. */
async function* noPictures(): AsyncGenerator<InputPixels> {}
