/**
 * Step 3: the anomaly map of every tile, `[window / 4, window / 4]`, as a float16 TIFF.
 *
 * Scale `published`: 0 to 255 between the extremes of all tiles of the split, so maps hang on each other and on
 * the pictures that are tested. Then raw maps wait in `.assay` until the last one is known. Scale `raw`: one
 * minus cosine, each map by itself.
 */
import { createGraph, roundToFloat16, writeOnnx } from '@assay/graph'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import { normaliseImage } from '../../backbone/index.ts'
import { addScaledFeatures, planFeatures, toRows, type InputPixels } from '../../feature/index.ts'
import { decodeFloatTiff, encodeFloatTiff } from '../../image/index.ts'
import { addPublishedMap } from '../../method/inp-former/map.ts'
import { addInpFormerScores } from '../../method/inp-former/score.ts'
import { chooseDevice, openSession, type Device, type Session } from '../../runtime/index.ts'
import { quarterOf } from '../../tiling/index.ts'
import { mapAhead } from '../ahead.ts'
import { decodeAhead, toImageError } from '../decode.ts'
import { findEncoder, recipeOf } from './encoder.ts'
import type { ObjectResult, Step, StepEvent, StepOptions } from './event.ts'
import { isPicture, listObjects, listSplit, outputPath, pictureOfTile, type SplitFile } from './layout.ts'
import { findModel, modelName, openModelFile, type TrainedModel } from './model.ts'
import { exists, forgetNote, notes, openRecord, readNote, writeOutput } from './record.ts'
import type { StepSettings } from './settings.ts'
import { decodeTile, prepareTile, type DecodedTile } from './tile.ts'

export type MapScale = 'published' | 'raw'

export interface MapsStepOptions extends StepOptions {
  /** Default `published`. */
  readonly scale?: MapScale | undefined
}

export async function* mapTiles(options: MapsStepOptions): Step {
  const { settings, encoders, scale = 'published' } = options
  const encoder = findEncoder(settings, encoders)
  const device = await chooseDevice({ device: settings.device, threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const objects: ObjectResult[] = []
  for (const object of await listObjects(settings.data_path, settings.mvtecad2_class_list, 'crop')) {
    const path = await findModel(settings.save_dir, object)
    if (path === null)
      throw new AssayError('STEP_INPUT_MISSING', {
        path: join(settings.save_dir, object, modelName),
        step: 'train',
      })
    const model = await openModelFile(path, encoder, settings)
    const { plan } = model
    const recipe = recipeOf(
      { ...encoder, headWidth: plan.width / plan.heads },
      { prototypes: plan.prototypes, blocks: plan.blocks },
      0,
    )
    await using session = await openMapper(model, recipe, settings, device)
    objects.push(yield* mapObject(object, model, session, scale, options))
  }
  return { step: 'maps', objects, sees: scale === 'published' ? 'test' : 'nothing', leftOut: null }
}

/** uint8 tiles `image` to raw `map`, `[n, 1, side, side]`. */
async function openMapper(
  model: TrainedModel,
  recipe: ReturnType<typeof recipeOf>,
  { window_size: window }: StepSettings,
  device: Device,
): Promise<Session> {
  const plan = await planFeatures(model.backbone, recipe, noPictures(), device)
  const g = createGraph('published-maps')
  const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  const planes = normaliseImage(g, image, model.backbone.card.input)
  const [grid] = addScaledFeatures(g, planes, plan)
  const [, , height, width] = grid?.shape ?? []
  if (grid === undefined || height === undefined || width === undefined)
    throw new Error('internal: the encoder gave no grid')
  const fitted = { tensors: model.tensors, steps: 0, owners: null }
  const { map } = addInpFormerScores(g, { scope: 'head.', rows: toRows(g, grid), fitted, recipe })
  g.output('map', addPublishedMap(g, g.reshape(map, [0, 1, height, width]), planes, quarterOf(window)))
  return openSession(writeOnnx(g.build()), device, 'the trained model')
}

async function* mapObject(
  object: string,
  { sha256 }: TrainedModel,
  session: Session,
  scale: MapScale,
  { settings, force = false, maxPixels, signal }: StepOptions,
): AsyncGenerator<StepEvent, ObjectResult> {
  const { amap_savedir: root, data_path: from, test_type: split, window_size: window } = settings
  const tiles = await listSplit(from, object, split, isPicture)
  const own = new Set(tiles.flatMap((tile) => namesOf(object, split, tile)))
  const record = await openRecord({
    root,
    name: noteName(object, split),
    settings: {
      scale,
      model: sha256,
      encoder: settings.encoder,
      window_size: window,
      input_size: settings.input_size,
      crop_size: settings.crop_size,
    },
    folder: join(object, split),
    isOwn: (path) => own.has(join(object, split, path)),
    force,
  })
  const waiting = join(root, notes, `raw-${object}-${split}`)
  if (force) {
    await rm(waiting, { recursive: true, force: true })
    // Joined maps went with the maps that they were made of.
    await forgetNote(root, `merge-${object}-${split}`)
  }
  const rawPath = (tile: SplitFile): string => join(waiting, outputPath(object, split, tile, '.tiff'))
  const mapPath = (tile: SplitFile): string => join(root, outputPath(object, split, tile, '.tiff'))
  const side = quarterOf(window)
  let failed = 0
  let kept = 0
  let made = 0
  const range = { lowest: Infinity, highest: -Infinity }
  const widen = (map: Float32Array): void => {
    for (const value of map) {
      if (value < range.lowest) range.lowest = value
      if (value > range.highest) range.highest = value
    }
  }
  const isThere = async (tile: SplitFile): Promise<boolean> => {
    for (const name of namesOf(object, split, tile)) if (await exists(join(root, name))) return true
    return false
  }
  const ready: SplitFile[] = []
  const work = async (tile: SplitFile) => {
    if (scale === 'published' && (await exists(rawPath(tile)))) return { tile, state: 'raw' as const }
    if (await isThere(tile)) return { tile, state: 'done' as const }
    return { tile, state: 'new' as const, picture: await decodeTile(tile.path, maxPixels) }
  }
  let done = 0
  for await (const item of mapAhead(tiles, decodeAhead, work)) {
    signal?.throwIfAborted()
    yield { type: 'stage', object, what: 'mapping', done: done++, total: tiles.length }
    if (item.state === 'done') {
      kept++
    } else if (item.state === 'raw') {
      widen(await readPlane(rawPath(item.tile)))
      ready.push(item.tile)
    } else {
      const map = 'type' in item.picture ? item.picture : await mapTile(session, item.picture, settings)
      if ('type' in map) {
        failed++
        yield map
      } else if (scale === 'raw') {
        await writeOutput(mapPath(item.tile), encodeFloatTiff(map.values, side, side, { bits: 16 }))
        made++
      } else {
        widen(map.values)
        await writeOutput(rawPath(item.tile), encodeFloatTiff(map.values, side, side, { bits: 32 }))
        ready.push(item.tile)
      }
    }
  }
  yield { type: 'stage', object, what: 'mapping', done, total: tiles.length }
  if (ready.length > 0) {
    const isSame = record.kept['lowest'] === range.lowest && record.kept['highest'] === range.highest
    await record.keep(range)
    for (const [i, tile] of ready.entries()) {
      signal?.throwIfAborted()
      if (isSame && (await isThere(tile))) {
        kept++
        continue
      }
      const scaled = scaleToRange(await readPlane(rawPath(tile)), range)
      await writeOutput(mapPath(tile), encodeFloatTiff(scaled, side, side, { bits: 16 }))
      made++
      yield { type: 'stage', object, what: 'scaling', done: i + 1, total: ready.length }
    }
    // With a tile missing the extremes may change when it can be read.
    if (failed === 0) await rm(waiting, { recursive: true, force: true })
  }
  return { object, made, kept, failed }
}

/** The map of a tile, and that of its picture, which is made of it and takes its place. */
function namesOf(object: string, split: string, { label, name }: SplitFile): readonly string[] {
  const picture = pictureOfTile(name)
  return [name, ...(picture === null ? [] : [picture])].map((stem) =>
    outputPath(object, split, { label, name: stem }, '.tiff'),
  )
}

async function mapTile(session: Session, { file, image }: DecodedTile, settings: StepSettings) {
  const { window_size: window } = settings
  if (image.width !== window || image.height !== window) {
    const reason = `it has ${image.width} x ${image.height} pixels, and tiles have ${window} x ${window}`
    return toImageError(file, new AssayError('IMAGE_UNSUPPORTED', { path: file, reason }))
  }
  const { height, width, pixels } = prepareTile(image, settings)
  const { map } = await session.run({
    image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels },
  })
  if (!(map?.data instanceof Float32Array)) throw new Error('internal: the model gave no map')
  // The runtime may reuse its buffers.
  return { values: map.data.slice() }
}

/** The scale of an object's maps; those that others have made have the published one. */
export async function readScale(root: string, object: string, split: string): Promise<MapScale> {
  const note = await readNote(root, noteName(object, split))
  return note?.settings['scale'] === 'raw' ? 'raw' : 'published'
}

function noteName(object: string, split: string): string {
  return `maps-${object}-${split}`
}

/** To 0..255 in float32, then rounded to float16: one operation after the other, as numpy does. */
function scaleToRange(
  map: Float32Array,
  { lowest, highest }: { readonly lowest: number; readonly highest: number },
): Float32Array {
  const range = Math.fround(Math.fround(highest - lowest) + 1e-8)
  return map.map((value) =>
    roundToFloat16(Math.fround(Math.fround(Math.fround(value - lowest) / range) * 255)),
  )
}

async function readPlane(path: string): Promise<Float32Array> {
  return decodeFloatTiff(await readFile(path), { name: path }).plane
}

async function* noPictures(): AsyncGenerator<InputPixels> {}
