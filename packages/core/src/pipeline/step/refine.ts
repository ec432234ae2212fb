/**
 * Step 6: Segment Anything draws the outlines of the masks anew, as published.
 *
 * It is asked with the boxes of the three largest regions, about the picture zoomed to the mask's size with red
 * and blue exchanged; its answer takes the mask's place. The coarse masks are kept in `.assay`, so that the step
 * can be repeated. Without weights the masks stay as they are and the step says so.
 */
import { AssayError } from '@assay/contract'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  decodeImage,
  encodeMaskPng,
  swapRedBlue,
  toGrey8,
  toRgb8,
  zoomLinear,
  type Image,
  type Uint8Image,
} from '../../image/index.ts'
import { combineSegments, largestBoxes } from '../../refine/mask/index.ts'
import { openSegmenter, type Segmenter } from '../../refine/sam/index.ts'
import { chooseDevice, type Device } from '../../runtime/index.ts'
import { toImageError } from '../decode.ts'
import type { ObjectResult, Step, StepEvent, StepOptions } from './event.ts'
import { isPicture, listObjects, listSplit, outputPath } from './layout.ts'
import { exists, notes, openRecord, writeOutput } from './record.ts'

export interface RefineStepOptions extends StepOptions {
  /** Default: as published, `sam-vit-b` for test_private_mixed and `sam-vit-h` for the others. */
  readonly segmenter?: string | undefined
  /** How a segmenter is opened, by its id. */
  readonly open?: ((id: string, device: Device) => Promise<Segmenter>) | undefined
}

/** Whose masks stay, and who gets the union of three answers per box instead of one. */
const untouched: readonly string[] = ['rice']
const united: readonly string[] = ['fabric', 'walnuts']
const boxesPerMask = 3

export async function* refineMasks(options: RefineStepOptions): Step {
  const { settings, open = openSegmenter } = options
  const id = options.segmenter ?? (settings.test_type === 'test_private_mixed' ? 'sam-vit-b' : 'sam-vit-h')
  const device = await chooseDevice({ device: settings.device, threads: options.threads })
  yield { type: 'device', device: device.name, reason: device.reason, threads: device.threads }
  const names = await listObjects(settings.bin_savedir, settings.mvtecad2_class_list, 'binarise')
  const segmenter = await open(id, device).catch((error: unknown) => {
    if (error instanceof AssayError && error.code === 'WEIGHTS_MISSING') return error
    throw error
  })
  if (segmenter instanceof AssayError) {
    yield { type: 'warning', message: `${segmenter.message} The masks stay as they are. ${segmenter.hint}` }
    return { step: 'refine', objects: [], sees: 'nothing', leftOut: segmenter }
  }
  await using opened = segmenter
  const objects: ObjectResult[] = []
  for (const object of names.filter((name) => !untouched.includes(name)))
    objects.push(yield* refineObject(object, id, opened, options))
  return { step: 'refine', objects, sees: 'nothing', leftOut: null }
}

async function* refineObject(
  object: string,
  id: string,
  segmenter: Segmenter,
  { settings, force = false, maxPixels, signal }: StepOptions,
): AsyncGenerator<StepEvent, ObjectResult> {
  const { original_data_path: originals, bin_savedir: root, test_type: split } = settings
  const pictures = await listSplit(originals, object, split, isPicture)
  const note = {
    root,
    name: `refine-${object}-${split}`,
    settings: { segmenter: id },
    folder: join(object, split),
    // Masks lie where they lay before, and nothing is removed.
    isOwn: () => false,
    force,
  }
  const record = await openRecord(note)
  const finished = new Set(force ? [] : (record.kept['finished'] as readonly string[] | undefined))
  const counts = { made: 0, kept: 0, failed: 0 }
  for (const [i, picture] of pictures.entries()) {
    signal?.throwIfAborted()
    yield { type: 'stage', object, what: 'refining', done: i, total: pictures.length }
    const name = outputPath(object, split, picture, '.png')
    if (finished.has(name)) {
      counts.kept++
      continue
    }
    const mask = join(root, name)
    const coarse = join(root, notes, `coarse-${object}-${split}`, name)
    try {
      if (!(await exists(coarse))) await keepCopy(mask, coarse)
      const { width, height, pixels } = toGrey8(await decodeImage(coarse))
      const image = await decodeImage(picture.path, maxPixels === undefined ? {} : { maxPixels })
      const refined = await refineMask(segmenter, pixels, zoomTo(image, width, height), {
        multimask: united.includes(object),
      })
      await writeOutput(mask, await encodeMaskPng(refined, width, height))
      finished.add(name)
      await record.keep({ finished: [...finished] })
      counts.made++
    } catch (error) {
      if (error instanceof AssayError && error.code === 'OUTPUT_NOT_WRITABLE') throw error
      counts.failed++
      yield toImageError(picture.path, error)
    }
  }
  yield { type: 'stage', object, what: 'refining', done: pictures.length, total: pictures.length }
  return { object, ...counts }
}

/** What stands in the mask's place: nothing where the mask is empty. */
async function refineMask(
  segmenter: Segmenter,
  coarse: Uint8Array,
  picture: Uint8Image,
  options: { readonly multimask: boolean },
): Promise<Uint8Array> {
  const { width, height } = picture
  const prompts = largestBoxes(coarse, width, height, boxesPerMask).map((box) => ({ box }))
  if (prompts.length === 0) return new Uint8Array(coarse.length)
  const encoded = await segmenter.encode(picture)
  const answers: Uint8Array[][] = prompts.map(() => [])
  for await (const found of encoded.segment(prompts, options)) answers[found.prompt]?.push(found.mask)
  return combineSegments(coarse, width, height, answers, { rule: 'replace' })
}

/** The picture at the mask's size by scipy's zoom, blue first. */
function zoomTo(image: Image, width: number, height: number): Uint8Image {
  const { pixels } = toRgb8(image)
  const zoomed = new Uint8Array(width * height * 3)
  for (let c = 0; c < 3; c++) {
    const plane = Uint8Array.from({ length: image.width * image.height }, (_, i) => pixels[3 * i + c]!)
    const small = zoomLinear(plane, image.height, image.width, height, width, { overshoot: 'zero' })
    for (let i = 0; i < small.length; i++) zoomed[3 * i + c] = small[i]!
  }
  return { width, height, channels: 3, depth: 8, pixels: swapRedBlue(zoomed) }
}

/** Whole or not at all. */
async function keepCopy(from: string, to: string): Promise<void> {
  if (!(await exists(from))) throw new AssayError('STEP_INPUT_MISSING', { path: from, step: 'binarise' })
  await writeOutput(to, await readFile(from))
}
