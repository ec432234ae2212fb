/**
 * Step 5: masks of the joined maps.
 *
 * Maps of the published scale: MEBin and mean + 3 standard deviations, their numbers taken from the very split
 * under test, where alone this scale means anything. Raw maps: MEBin and sigma of Assay, fitted on the maps of
 * the good pictures of the validation split.
 */
import { AssayError } from '@assay/contract'
import { createHash } from 'node:crypto'
import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { findBinariser, fitBinariser, uniteBinarisers, type AnomalyMap } from '../../binarise/index.ts'
import { decodeFloatTiff, encodeMaskPng } from '../../image/index.ts'
import { toImageError } from '../decode.ts'
import type { ObjectResult, Step, StepEvent, StepOptions, StepResult } from './event.ts'
import {
  isMap,
  isPicture,
  listObjects,
  listSplit,
  outputPath,
  pictureOfTile,
  type SplitFile,
} from './layout.ts'
import { readScale, type MapScale } from './maps.ts'
import { exists, forgetNote, notes, openRecord, writeOutput } from './record.ts'

const members: Readonly<Record<MapScale, readonly string[]>> = {
  published: ['mebin-published', 'sigma-published'],
  raw: ['mebin', 'sigma'],
}

export async function* binariseMaps(options: StepOptions): Step {
  const { settings } = options
  const objects: ObjectResult[] = []
  let sees: StepResult['sees'] = 'good'
  for (const object of await listObjects(settings.amap_savedir, settings.mvtecad2_class_list, 'merge')) {
    const scale = await readScale(settings.amap_savedir, object, settings.test_type)
    if (scale === 'published') sees = 'test'
    objects.push(yield* binariseObject(object, scale, options))
  }
  return { step: 'binarise', objects, sees, leftOut: null }
}

async function* binariseObject(
  object: string,
  scale: MapScale,
  { settings, force = false, signal }: StepOptions,
): AsyncGenerator<StepEvent, ObjectResult> {
  const { amap_savedir: from, bin_savedir: to, test_type: split } = settings
  const { maps, unmerged } = await listMaps(object, split, settings)
  if (unmerged > 0)
    yield {
      type: 'warning',
      message: `${unmerged} maps of tiles of "${object}" are not merged yet and left out.`,
    }
  const learned = scale === 'published' ? maps : (await listMaps(object, 'validation', settings)).maps
  if (maps.length === 0 || learned.length === 0)
    throw new AssayError('STEP_INPUT_MISSING', {
      path: join(from, object, maps.length === 0 ? split : 'validation'),
      step: 'merge',
    })
  const own = new Set(maps.map((map) => outputPath(object, split, map, '.png')))
  const record = await openRecord({
    root: to,
    name: `binarise-${object}-${split}`,
    settings: { scale },
    folder: join(object, split),
    isOwn: (path) => own.has(join(object, split, path)),
    force,
  })
  // Masks hang on all maps that were learned from, so a change of any of them makes all masks anew.
  const fingerprint = await fingerprintOf([...maps, ...learned])
  const isCurrent = record.kept['maps'] === fingerprint
  if (!isCurrent) await forgetRefined(to, object, split)
  await record.keep({ maps: fingerprint })
  const counts = { made: 0, kept: 0, failed: 0 }
  const todo: SplitFile[] = []
  for (const map of maps) {
    if (isCurrent && (await exists(join(to, outputPath(object, split, map, '.png'))))) counts.kept++
    else todo.push(map)
  }
  if (todo.length === 0) return { object, ...counts }
  const binariser = uniteBinarisers(members[scale].map(findBinariser))
  const unreadable = new Map<string, unknown>()
  const fitted = await fitBinariser(binariser, readAll(learned, unreadable, signal), binariser.defaults)
  if (fitted === null) throw new Error('internal: the published binarisers see maps')
  for (const [path, error] of unreadable) yield toImageError(path, error)
  for (const [i, map] of todo.entries()) {
    signal?.throwIfAborted()
    try {
      const plane = await readMap(map.path)
      const mask = binariser.binarise(plane, fitted, binariser.defaults)
      const bytes = await encodeMaskPng(mask, plane.width, plane.height)
      await writeOutput(join(to, outputPath(object, split, map, '.png')), bytes)
      counts.made++
    } catch (error) {
      if (error instanceof AssayError && error.code === 'OUTPUT_NOT_WRITABLE') throw error
      counts.failed++
      if (!unreadable.has(map.path)) yield toImageError(map.path, error)
    }
    yield { type: 'stage', object, what: 'binarising', done: i + 1, total: todo.length }
  }
  return { object, ...counts }
}

/** The joined maps of a split, in the reference's order; those of tiles are counted. */
async function listMaps(
  object: string,
  split: string,
  { amap_savedir: from, original_data_path: originals }: StepOptions['settings'],
): Promise<{ readonly maps: readonly SplitFile[]; readonly unmerged: number }> {
  const found = await listSplit(from, object, split, isMap)
  const pictures = await listSplit(originals, object, split, isPicture)
  const known = new Set(pictures.map((picture) => outputPath(object, split, picture, '.tiff')))
  const isTile = (map: SplitFile): boolean => {
    const name = pictureOfTile(map.name)
    if (name === null || known.has(outputPath(object, split, map, '.tiff'))) return false
    return known.has(outputPath(object, split, { ...map, name }, '.tiff'))
  }
  const maps = found.filter((map) => !isTile(map))
  return { maps, unmerged: found.length - maps.length }
}

/** What refining had kept of earlier masks. */
async function forgetRefined(root: string, object: string, split: string): Promise<void> {
  await forgetNote(root, `refine-${object}-${split}`)
  await rm(join(root, notes, `coarse-${object}-${split}`), { recursive: true, force: true })
}

async function fingerprintOf(files: readonly SplitFile[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { path } of files) {
    const { size, mtimeMs } = await stat(path)
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}

async function* readAll(
  files: readonly SplitFile[],
  unreadable: Map<string, unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<AnomalyMap> {
  for (const { path } of files) {
    signal?.throwIfAborted()
    const map = await readMap(path).catch((error: unknown) => void unreadable.set(path, error))
    if (map !== undefined) yield map
  }
}

async function readMap(path: string): Promise<AnomalyMap> {
  const { width, height, plane } = decodeFloatTiff(await readFile(path), { name: path })
  return { width, height, values: plane }
}
