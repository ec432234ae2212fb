/**
 * Step 4: joins the maps of tiles to the map of their picture, at a quarter of its size, in float16.
 *
 * The joined map lies beside the maps of the tiles, which are removed once it is written. The reference has the
 * sizes of its eight objects wired in; here they are read from the original pictures.
 */
import { AssayError } from '@assay/contract'
import { readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodeFloatTiff, encodeFloatTiff, readImageHeader } from '../../image/index.ts'
import { mergePublished, publishedTileName, quarterOf } from '../../tiling/index.ts'
import { toImageError } from '../decode.ts'
import { planOf } from './crop.ts'
import type { ObjectResult, Step, StepEvent, StepOptions } from './event.ts'
import { isPicture, listObjects, listSplit, outputPath, stemOf, type SplitFile } from './layout.ts'
import { exists, openRecord, writeOutput } from './record.ts'
import type { StepSettings } from './settings.ts'

export interface MergeStepOptions extends StepOptions {
  /** Leaves the maps of the tiles where they are. */
  readonly keepTiles?: boolean | undefined
}

export async function* mergeMaps(options: MergeStepOptions): Step {
  const { settings } = options
  const objects: ObjectResult[] = []
  for (const object of await listObjects(settings.amap_savedir, settings.mvtecad2_class_list, 'maps'))
    objects.push(yield* mergeObject(object, options))
  return { step: 'merge', objects, sees: 'nothing', leftOut: null }
}

async function* mergeObject(
  object: string,
  { settings, keepTiles = false, signal }: MergeStepOptions,
): AsyncGenerator<StepEvent, ObjectResult> {
  const { amap_savedir: root, original_data_path: originals, test_type: split } = settings
  const pictures = await listSplit(originals, object, split, isPicture)
  const own = new Set(pictures.map((picture) => outputPath(object, split, picture, '.tiff')))
  await openRecord({
    root,
    name: `merge-${object}-${split}`,
    settings: { window_size: settings.window_size, desired_overlap: settings.desired_overlap },
    folder: join(object, split),
    isOwn: (path) => own.has(join(object, split, path)),
    // Without the maps of its tiles a joined map could not be made again.
    force: false,
  })
  const counts = { made: 0, kept: 0, failed: 0 }
  for (const [i, picture] of pictures.entries()) {
    signal?.throwIfAborted()
    yield { type: 'stage', object, what: 'merging', done: i, total: pictures.length }
    try {
      counts[await mergePicture(object, picture, settings, keepTiles)]++
    } catch (error) {
      if (error instanceof AssayError && error.code === 'OUTPUT_NOT_WRITABLE') throw error
      counts.failed++
      yield toImageError(picture.path, error)
    }
  }
  yield { type: 'stage', object, what: 'merging', done: pictures.length, total: pictures.length }
  return { object, ...counts }
}

async function mergePicture(
  object: string,
  picture: SplitFile,
  settings: StepSettings,
  keepTiles: boolean,
): Promise<'made' | 'kept'> {
  const { amap_savedir: root, test_type: split, window_size: window } = settings
  const out = join(root, outputPath(object, split, picture, '.tiff'))
  const plan = planOf(await readImageHeader(picture.path), settings)
  const paths = plan.tiles.map((tile) =>
    join(dirname(out), `${stemOf(publishedTileName(picture.name, tile))}.tiff`),
  )
  const isMissing = await Promise.all(paths.map(async (path) => !(await exists(path))))
  if ((keepTiles || isMissing.every(Boolean)) && (await exists(out))) return 'kept'
  const missing = paths.find((_, i) => isMissing[i])
  if (missing !== undefined) throw new AssayError('STEP_INPUT_MISSING', { path: missing, step: 'maps' })
  const side = quarterOf(window)
  const maps: Float32Array[] = []
  for (const path of paths) {
    const { width, height, plane } = decodeFloatTiff(await readFile(path), { name: path })
    if (width !== side || height !== side) {
      const reason = `it has ${width} x ${height} pixels, and the map of a tile has ${side} x ${side}`
      throw new AssayError('IMAGE_UNSUPPORTED', { path, reason })
    }
    maps.push(plane)
  }
  const { width, height, plane } = mergePublished(plan, maps)
  await writeOutput(out, encodeFloatTiff(plane, width, height, { bits: 16 }))
  if (!keepTiles) for (const path of paths) await rm(path, { force: true })
  return 'made'
}
