/** `assay inspect`: the verdict on each image; a file that cannot be read does not stop the others. */
import { basename } from 'node:path'
import { AssayError, segmenterNames, suggest, type Card, type Inspection } from '@assay/contract'
import type { FoundImage, InspectedImage, InspectionItem, Inspector } from '@assay/core'
import type { Core } from '../core.ts'
import { readChoice, readSwitch, readText } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { writeInspected, writeInspectionReport } from '../output/inspection-folder.ts'
import { printJson } from '../output/json.ts'
import { planNames } from '../output/name.ts'
import { requireReportFolder } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { inspectionLine, summariseInspections } from '../render/inspection.ts'
import { createProgress, type Progress } from '../render/progress.ts'
import { createPaint } from '../render/text.ts'
import { readRunFlags } from '../run-options.ts'

export async function runInspect(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [modelPath = '', ...paths] = args
  const out = readText(flags, 'out')
  const product = readText(flags, 'product')
  const options = readRunFlags(flags, host)
  const isJson = readSwitch(flags, 'json')
  const failOn = readChoice(flags, 'fail-on', ['defect', 'unsure'])
  const core = await host.loadCore()
  const images = await gatherImages(core, paths, out)
  if (out !== undefined) await requireReportFolder(out)
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  const segmenter = readChoice(flags, 'segmenter', segmenterNames)
  await using inspector = await core.openModel(modelPath, { ...options, segmenter })
  if (inspector.leftOut !== null)
    progress.say(`outlines are not drawn anew: ${inspector.leftOut.message} ${inspector.leftOut.hint}`)
  if (product !== undefined) requireProduct(inspector.card, product)
  const items: InspectionItem[] = []
  const run: InspectRun = { core, inspector, product, out, host, isJson, progress, items }
  try {
    await inspectAll(run, images)
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption(
      'The inspection',
      `${items.length} of ${images.length} images are done. Run the same command again.`,
      { cause: error },
    )
  } finally {
    progress.clear()
    if (out !== undefined && items.length > 0) {
      const title = paths.length === 1 ? basename(paths[0] ?? '') : `${images.length} images`
      const page = await writeInspectionReport(core, out, {
        title,
        model: basename(modelPath),
        card: inspector.card,
        items,
      })
      progress.say(`page: ${page}`)
    }
  }
  progress.say(summariseInspections(items))
  return exitCodeOf(items, failOn)
}

/** A verdict changes the exit code only when it was asked for; an image without one always does. */
function exitCodeOf(items: readonly InspectionItem[], failOn: 'defect' | 'unsure' | undefined): number {
  const has = (verdict: Inspection['verdict']): boolean =>
    items.some(({ record }) => record.verdict === verdict)
  if (items.some(({ record }) => record.error !== null)) return exitCodes.someFailed
  if (failOn !== undefined && has('defect')) return exitCodes.defect
  if (failOn === 'unsure' && has('unsure')) return exitCodes.unsure
  return exitCodes.done
}

interface InspectRun {
  readonly core: Core
  readonly inspector: Inspector
  readonly product: string | undefined
  readonly out: string | undefined
  readonly host: Host
  readonly isJson: boolean
  readonly progress: Progress
  /** What is done, in order. */
  readonly items: InspectionItem[]
}

/** Files of one image are written while the next one is inspected; lines appear in order. */
async function inspectAll(run: InspectRun, images: readonly FoundImage[]): Promise<void> {
  const { inspector, host, progress, items } = run
  const names = planNames(images.map((image) => image.relative))
  const paint = createPaint(host.stdout, host.env)
  const show = (item: InspectionItem): void => {
    items.push(item)
    progress.clear()
    if (run.isJson) printJson(host, item.record)
    else host.stdout.write(`${inspectionLine(item.record, paint, inspector.card.products.length > 1)}\n`)
    progress.update({ label: 'inspecting', done: items.length, total: images.length, unit: 'image' })
  }
  let writing: Promise<InspectionItem> | undefined
  const settle = async (): Promise<void> => {
    const item = await writing
    writing = undefined
    if (item !== undefined) show(item)
  }
  try {
    const options = { signal: host.signal, ...(run.product === undefined ? {} : { product: run.product }) }
    const outcomes = inspector.inspectAll(
      images.map((image) => image.path),
      options,
    )
    for (const [i, { path }] of images.entries()) {
      host.signal.throwIfAborted()
      const { value: outcome } = await outcomes.next()
      if (!outcome) throw new Error('internal: fewer outcomes than images')
      await settle()
      const inspected = outcome.inspected ?? failedInspection(path, outcome.error)
      writing = place(run, inspected, path, names[i] ?? String(i))
      // A failure is met when the item is settled; until then it must not count as unhandled.
      writing.catch(() => undefined)
    }
  } finally {
    // Also after a failure or an interruption: what was begun is finished.
    await settle()
  }
}

/** Writes what is to be written of one image. */
async function place(
  { core, out }: InspectRun,
  inspected: InspectedImage | Inspection,
  path: string,
  name: string,
): Promise<InspectionItem> {
  if ('error' in inspected) return { record: inspected, pictures: null }
  if (out === undefined) return { record: inspected.record, pictures: null }
  return writeInspected(core, out, { inspected, path, name, truth: null })
}

function failedInspection(image: string, error: AssayError | null): Inspection {
  if (error === null) throw new Error('internal: neither inspected nor failed')
  const { code, message, hint } = error
  return {
    image,
    product: null,
    score: null,
    calibrated: null,
    threshold: null,
    verdict: null,
    regions: [],
    map: null,
    mask: null,
    error: { code, message, hint },
  }
}

/** All images meant; those that are not there are tried too, so that each gets its own line. */
async function gatherImages(
  core: Core,
  paths: readonly string[],
  out: string | undefined,
): Promise<FoundImage[]> {
  const { images, missing, empty } = await core.findImages(paths, { except: out })
  const [firstMissing] = missing
  const [firstEmpty] = empty
  if (images.length === 0) {
    if (firstMissing !== undefined) throw new AssayError('IMAGE_NOT_FOUND', { path: firstMissing })
    if (firstEmpty !== undefined) throw new AssayError('IMAGE_NONE_IN_FOLDER', { path: firstEmpty })
  }
  return [...images, ...missing.map((path) => ({ path, relative: basename(path) }))]
}

function requireProduct(card: Card, product: string): void {
  const known = card.products.map((p) => p.name)
  if (!known.includes(product))
    throw new AssayError('PRODUCT_UNKNOWN', { product, known, suggestion: suggest(product, known) })
}
