/**
 * Smaller variants of a finished model: converted, compared with the float32 file, and only then written.
 *
 * A variant keeps the thresholds of its file where it keeps every verdict and, to the tolerance between devices, every
 * score. Otherwise they are set again on good pictures; without any, scores may move, but nothing is written once
 * a verdict changes.
 */
import { AssayError, reasonOf, type Card, type CardExport, type CardParity } from '@assay/contract'
import { recalibrate, readModelFile, takeSample, type ModelFile } from '../model/index.ts'
import { listDevices, openSession, type Device, type DeviceRequest } from '../runtime/index.ts'
import { sha256Hex } from '../sha256.ts'
import { findCompared, type ComparedPicture } from './compared.ts'
import { compareAuroc, type AurocComparison } from './export-auroc.ts'
import { compareExport, timeModels, type ExportComparison } from './export-compare.ts'
import {
  findGoodPictures,
  spread,
  toFloat16,
  toInt8,
  type Converted,
  type GoodPictures,
} from './export-convert.ts'
import { chooseDevices, requireParity } from './gate.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import { parityTolerance } from './parity.ts'
import { recalibrateFile } from './recalibrate.ts'
import { requireWritable, writeFileSafely } from './work-folder.ts'

export interface ExportOptions extends Pick<RunOptions, 'threads' | 'maxPixels' | 'heldPixels' | 'signal'> {
  /** The float32 model file. */
  readonly model: string
  /** The file to write. */
  readonly out: string
  readonly precision: CardExport['precision']
  /**
   * Folder of good pictures that the model has not learned from, as for a calibration. They show the ranges for int8,
   * and set the thresholds again where a verdict or a score changes.
   */
  readonly calibration?: string | undefined
  /** Only these products of the folder. */
  readonly products?: readonly string[] | undefined
  /** Images and folders to compare on; else some of the calibration's, else the pictures of the sample vectors. */
  readonly images?: readonly string[] | undefined
  /** Where the exported file has to judge as on the CPU; default `cpu`. */
  readonly providers?: readonly DeviceRequest[] | undefined
  /** A dataset with labelled test images, on which both files are measured. */
  readonly data?: string | undefined
}

export type ExportEvent =
  | TrainEvent
  | { readonly type: 'stage'; readonly stage: 'evaluate'; readonly done: number; readonly total: number }

interface BeforeAndAfter {
  readonly before: number
  readonly after: number
}

export interface ExportResult {
  readonly model: string
  readonly precision: CardExport['precision']
  /** In which the layers of the backbone compute. */
  readonly arithmetic: CardExport['arithmetic']
  readonly thresholds: CardExport['thresholds']
  /** From the float32 file on the CPU, per provider. */
  readonly differences: CardExport['differences']
  /** From the exported file itself on the CPU, per provider. */
  readonly parity: readonly CardParity[]
  /** Size of the file. */
  readonly bytes: BeforeAndAfter
  /** One input of the first product on the first provider, shortest of several runs. */
  readonly milliseconds: BeforeAndAfter
  /** Null without labelled data. */
  readonly auroc: AurocComparison | null
}

/** Good pictures that are compared when none are given, per product. */
const comparedPictures = 8

/**
 * Writes the variant and describes it. Throws OPTION_INVALID for a file that was exported already and for int8 without
 * calibration pictures, DEVICE_UNAVAILABLE, EXPORT_VERDICTS_DIFFER, MODEL_PARITY_FAILED, MODEL_SAMPLES_DIFFER, and what reading throws.
 */
export async function* exportModel(options: ExportOptions): AsyncGenerator<ExportEvent, ExportResult> {
  const { model, out, precision, calibration, signal, threads, maxPixels, heldPixels } = options
  const devices = await chooseDevices(options.providers ?? ['cpu'], threads)
  const file = await readModelFile(model)
  requireExportable(file.card, options)
  await requireWritable(out)
  const good =
    calibration === undefined ? [] : await findGoodPictures(file.card, calibration, options.products)
  const { converted, images } = yield* convert(file, devices, good, options)
  const exported: Omit<CardExport, 'thresholds' | 'differences'> = {
    precision,
    arithmetic: converted.arithmetic,
    from: { sha256: await sha256Hex(file.bytes), bytes: file.bytes.length },
    calibrationImages: images,
  }
  const pictures = await choosePictures(file.card, good, options.images)
  if (pictures.every(({ picture }) => typeof picture !== 'string'))
    yield {
      type: 'warning',
      message:
        'Only the made-up pictures of the sample vectors were compared. Give pictures of good and bad parts to see ' +
        'whether verdicts stay.',
    }
  if (converted.arithmetic === 'float16') await requireHalfArithmetic(converted.bytes, devices)
  const run = { original: file.bytes, devices, pictures, maxPixels, heldPixels, signal }
  let next = await proveExport(converted.bytes, file)
  let compared = yield* compareExport({ ...run, exported: next.bytes })
  const isSame = compared.differences.every(({ verdicts }) => verdicts === 0)
  const isNear = compared.differences.every(({ score }) => score <= parityTolerance.score)
  const isKept = isSame && (isNear || calibration === undefined)
  if (!isKept) {
    if (calibration === undefined) throw verdictsDiffer(options, compared)
    const cpu: Device = { name: 'cpu', reason: 'thresholds are set there', threads: threads ?? 1 }
    const set = yield* recalibrateFile(next, cpu, { ...options, data: calibration })
    next = { ...next, ...set }
    compared = yield* compareExport({ ...run, exported: next.bytes })
  }
  requireParity(out, compared.parity)
  const thresholds = isKept ? 'kept' : 'recalibrated'
  const { differences } = compared
  const parity = [...compared.parity]
  const bytes = recalibrate(next.bytes, {
    ...next.card,
    parity,
    exported: { ...exported, thresholds, differences },
  })
  const [before = NaN, after = NaN] = await timeModels(
    [file.bytes, bytes],
    devices[0]!,
    file.card.products[0]!,
  )
  signal?.throwIfAborted()
  yield { type: 'stage', stage: 'write', done: 0, total: 1 }
  await writeFileSafely(out, bytes)
  yield { type: 'stage', stage: 'write', done: 1, total: 1 }
  const auroc = options.data === undefined ? null : yield* compareAuroc(model, out, options.data, options)
  return {
    model: out,
    precision,
    arithmetic: converted.arithmetic,
    thresholds,
    differences,
    parity,
    bytes: { before: file.bytes.length, after: bytes.length },
    milliseconds: { before, after },
    auroc,
  }
}

function requireExportable({ exported }: Card, { model, precision, calibration }: ExportOptions): void {
  if (exported !== undefined)
    throw new AssayError('OPTION_INVALID', {
      option: 'the model',
      value: model,
      reason: `it is already an export in ${exported.precision}; take the float32 file that it was made from`,
    })
  if (precision === 'int8' && calibration === undefined)
    throw new AssayError('OPTION_INVALID', {
      option: '--precision',
      value: 'int8',
      reason: 'it needs good images that show what the layers compute; give them with --calibration',
    })
}

async function* convert(
  file: ModelFile,
  devices: readonly Device[],
  good: readonly GoodPictures[],
  { precision, threads, maxPixels, signal }: ExportOptions,
): AsyncGenerator<TrainEvent, { readonly converted: Converted; readonly images: number }> {
  switch (precision) {
    case 'float16':
      return { converted: toFloat16(file.bytes, devices), images: 0 }
    case 'int8': {
      const converted = yield* toInt8({ file, good, threads, maxPixels, signal })
      return { converted, images: converted.images }
    }
    default:
      return precision satisfies never
  }
}

/** Throws DEVICE_UNAVAILABLE for a device that cannot compute in float16, of which not all can. */
async function requireHalfArithmetic(bytes: Uint8Array, devices: readonly Device[]): Promise<void> {
  for (const device of devices) {
    const session = await openSession(bytes, device, 'the exported model').catch((error: unknown) => {
      const why = error instanceof AssayError ? reasonOf(error.cause) : reasonOf(error)
      const reason = `it does not run layers in float16 (${why}); with cpu among the providers only the file is float16`
      throw new AssayError(
        'DEVICE_UNAVAILABLE',
        { device: device.name, reason, available: listDevices() },
        { cause: error },
      )
    })
    await session[Symbol.asyncDispose]()
  }
}

async function choosePictures(
  card: Card,
  good: readonly GoodPictures[],
  images: readonly string[] = [],
): Promise<readonly ComparedPicture[]> {
  const given = images.length > 0 ? images : good.flatMap(({ files }) => [...spread(files, comparedPictures)])
  return findCompared(given, card)
}

/** The converted model as a file with the card of its original, and sample vectors of its own. */
async function proveExport(bytes: Uint8Array, { card, name }: ModelFile): Promise<ModelFile> {
  const device: Device = { name: 'cpu', reason: 'samples are taken there', threads: 1 }
  await using session = await openSession(bytes, device, 'the exported model')
  const samples = []
  for (const { input } of card.samples) samples.push(await takeSample(session, input))
  const own = { ...card, samples, parity: [] }
  return { bytes: recalibrate(bytes, own), card: own, name }
}

function verdictsDiffer({ out, precision }: ExportOptions, { differences }: ExportComparison): AssayError {
  const [worst] = differences.toSorted((a, b) => b.verdicts - a.verdicts)
  const { verdicts: differing = 0, images = 0 } = worst ?? {}
  return new AssayError('EXPORT_VERDICTS_DIFFER', { path: out, precision, differing, images })
}
