/**
 * Step 1: cuts every picture of the data set into tiles, in the published tree.
 *
 * `<data_path>/<object>/<split>/<label>/<name>_<row><column>.png`, colour, filled up with zeros to the right and
 * below; masks of the truth are cut too. Assay itself never needs this step: it cuts in memory.
 */
import { AssayError } from '@assay/contract'
import { stat, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { decodeImage, encodePng, readImageHeader, toRgb8 } from '../../image/index.ts'
import { cutTile, planTiles, publishedTileName, type TilePlan } from '../../tiling/index.ts'
import { mapAhead } from '../ahead.ts'
import { decodeAhead, toImageError } from '../decode.ts'
import type { ImageErrorEvent } from '../options.ts'
import type { ObjectResult, Step, StepEvent, StepOptions } from './event.ts'
import { isPicture, listObjects, pictureOfTile, stemOf } from './layout.ts'
import { exists, listFiles, openRecord, writeOutput } from './record.ts'
import type { StepSettings } from './settings.ts'

/** As OpenCV writes them: quick, and half as large again as they could be. */
const compression = 1

export async function* cropDataset(options: StepOptions): Step {
  const { settings, force = false, maxPixels, signal } = options
  const { original_data_path: from, data_path: to } = settings
  const objects: { readonly object: string; readonly pictures: readonly string[] }[] = []
  for (const object of await listObjects(from, settings.mvtecad2_class_list, null)) {
    const pictures = (await listFiles(join(from, object))).filter(isPicture)
    objects.push({ object, pictures })
  }
  yield* sayWhatItTakes(objects, settings)
  const results: ObjectResult[] = []
  for (const { object, pictures } of objects) {
    const known = new Set(pictures.map(withoutExtension))
    await openRecord({
      root: to,
      name: `crop-${object}`,
      settings: { window_size: settings.window_size, desired_overlap: settings.desired_overlap },
      folder: object,
      isOwn: (path) => known.has(pictureOfTile(withoutExtension(path)) ?? ''),
      force,
    })
    const counts = { made: 0, kept: 0, failed: 0 }
    const work = (picture: string): Promise<Outcome> =>
      cropPicture(join(from, object, picture), join(to, object, dirname(picture)), settings, maxPixels)
    let done = 0
    for await (const outcome of mapAhead(pictures, decodeAhead, work)) {
      signal?.throwIfAborted()
      if ('type' in outcome) {
        counts.failed++
        yield outcome
      } else {
        counts.made += outcome.made
        counts.kept += outcome.kept
      }
      yield { type: 'stage', object, what: 'cropping', done: ++done, total: pictures.length }
    }
    results.push({ object, ...counts })
  }
  return { step: 'crop', objects: results, sees: 'nothing', leftOut: null }
}

type Outcome = { readonly made: number; readonly kept: number } | ImageErrorEvent

/** Cuts one picture unless all its tiles are there. */
async function cropPicture(
  file: string,
  folder: string,
  settings: StepSettings,
  maxPixels: number | undefined,
): Promise<Outcome> {
  try {
    const plan = planOf(await readImageHeader(file), settings)
    if (plan.rows > 10 || plan.columns > 10) {
      const reason = `it makes ${plan.rows} x ${plan.columns} tiles, and their published names hold 10 x 10`
      throw new AssayError('IMAGE_UNSUPPORTED', { path: file, reason })
    }
    const paths = plan.tiles.map((tile) => join(folder, publishedTileName(stemOf(basename(file)), tile)))
    const missing = []
    for (const [i, path] of paths.entries()) if (!(await exists(path))) missing.push(i)
    if (missing.length > 0) {
      const image = await decodeImage(file, maxPixels === undefined ? {} : { maxPixels })
      const { pixels } = toRgb8(image)
      for (const i of missing) {
        const tile = plan.tiles[i]!
        const cut = cutTile(pixels, image, 3, tile)
        await writeOutput(paths[i]!, await encodePng(cut, tile.width, tile.height, 3, { compression }))
      }
    }
    return { made: missing.length, kept: plan.tiles.length - missing.length }
  } catch (error) {
    // A full disk is no fault of the picture.
    if (error instanceof AssayError && error.code === 'OUTPUT_NOT_WRITABLE') throw error
    return toImageError(file, error)
  }
}

/** The published plan of a picture of this size. */
export function planOf(
  size: { readonly width: number; readonly height: number },
  { window_size: side, desired_overlap: overlap }: Pick<StepSettings, 'window_size' | 'desired_overlap'>,
): TilePlan {
  return planTiles(size, { window: { width: side, height: side }, overlap, edge: 'pad' })
}

/** Measured on one picture of each object: bytes of its tiles for a byte of its file. */
async function* sayWhatItTakes(
  objects: readonly { readonly object: string; readonly pictures: readonly string[] }[],
  settings: StepSettings,
): AsyncGenerator<StepEvent> {
  const { original_data_path: from, data_path: to } = settings
  let bytes = 0
  for (const { object, pictures } of objects) {
    let all = 0
    for (const picture of pictures) all += (await stat(join(from, object, picture))).size
    const sample = pictures.find((picture) => !picture.includes('ground_truth/'))
    if (sample !== undefined) bytes += all * (await growthOf(join(from, object, sample), settings))
  }
  const pictures = objects.reduce((sum, { pictures: own }) => sum + own.length, 0)
  const freeBytes = await freeSpace(to)
  yield { type: 'space', pictures, bytes: Math.round(bytes), freeBytes }
  if (bytes > freeBytes)
    yield { type: 'warning', message: `The tiles will hardly fit: ${to} has less room than they take.` }
}

async function growthOf(file: string, settings: StepSettings): Promise<number> {
  try {
    const image = toRgb8(await decodeImage(file))
    let bytes = 0
    for (const tile of planOf(image, settings).tiles) {
      const cut = cutTile(image.pixels, image, 3, tile)
      bytes += (await encodePng(cut, tile.width, tile.height, 3, { compression })).length
    }
    return bytes / (await stat(file)).size
  } catch {
    // It is reported when its turn comes.
    return 1
  }
}

/** Of the nearest folder that is there. */
async function freeSpace(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    const space = await statfs(folder).catch(() => null)
    if (space !== null) return space.bavail * space.bsize
    if (folder === dirname(folder)) return Infinity
  }
}

function withoutExtension(path: string): string {
  return join(dirname(path), stemOf(basename(path)))
}
