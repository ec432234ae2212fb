/** `assay export`: a smaller variant of a finished model, with the proof that it judges like it. */
import { dirname } from 'node:path'
import { AssayError } from '@assay/contract'
import type { ExportOptions, ExportResult } from '@assay/core'
import type { Core } from '../core.ts'
import { readChoice, readSwitch, readText, readTexts } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import { requireFolder, requireModelPlace } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { summariseExport } from '../render/export.ts'
import { createProgress } from '../render/progress.ts'
import { quoteWords } from '../render/quote.ts'
import { showTrainEvent } from '../render/training.ts'
import { readDevices, readRunFlags } from '../run-options.ts'

const precisions = ['float16', 'int8'] as const

export async function runExport(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [model = '', ...images] = args
  const precision = readChoice(flags, 'precision', precisions)
  if (precision === undefined)
    throw new AssayError('USAGE', {
      reason: `"assay export" needs --precision, one of ${precisions.join(', ')}`,
    })
  const { threads, maxPixels, signal } = readRunFlags({ ...flags, device: undefined }, host)
  const options: ExportOptions = {
    model,
    images,
    out: readText(flags, 'out') ?? `${model.replace(/\.onnx$/i, '')}-${precision}.onnx`,
    precision,
    calibration: readText(flags, 'calibration'),
    products: readTexts(flags, 'product'),
    providers: readDevices(flags, 'providers'),
    data: readText(flags, 'data'),
    threads,
    maxPixels,
    signal,
  }
  await requireModelPlace(options.out)
  await requireFolder(dirname(options.out))
  const core = await host.loadCore()
  const result = await exportFile(core, options, host, readSwitch(flags, 'quiet'))
  if (readSwitch(flags, 'json')) {
    printJson(host, result)
  } else {
    const next = `Next: assay inspect ${quoteWords([result.model])} <image or folder> --out report`
    host.stdout.write(`${[...summariseExport(result), '', next].join('\n')}\n`)
  }
  return exitCodes.done
}

async function exportFile(
  core: Core,
  options: ExportOptions,
  host: Host,
  isQuiet: boolean,
): Promise<ExportResult> {
  const progress = createProgress(host, { isQuiet })
  try {
    const run = core.exportModel(options)
    for (;;) {
      const { done, value } = await run.next()
      if (done === true) return value
      if (value.type === 'stage' && value.stage === 'evaluate')
        progress.update({ label: 'measuring', done: value.done, total: value.total, unit: 'image' })
      else showTrainEvent(value, progress)
    }
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The export', 'The model is as it was. Run the same command again.', {
      cause: error,
    })
  } finally {
    progress.clear()
  }
}
