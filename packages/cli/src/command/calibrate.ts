/** `assay calibrate`: other thresholds for a finished model, from good images only. */
import { dirname } from 'node:path'
import type { RecalibrateOptions, RecalibrateResult } from '@assay/core'
import type { Core } from '../core.ts'
import { readRate, readSwitch, readText, readTexts } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import { requireFolder, requireModelPlace } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { summariseCalibration } from '../render/calibration.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress } from '../render/progress.ts'
import { quoteWords } from '../render/quote.ts'
import { showTrainEvent } from '../render/training.ts'
import { readRunFlags } from '../run-options.ts'
import { readAims } from './train.ts'

export async function runCalibrate(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [model = '', data = ''] = args
  const out = readText(flags, 'out')
  const zones = readText(flags, 'zones')
  const options = {
    model,
    data,
    out,
    products: readTexts(flags, 'product'),
    aims: { ...readAims(flags), falseMasks: readRate(flags, 'false-masks', 0.5) },
    ...readRunFlags(flags, host),
  }
  if (out !== undefined) {
    await requireModelPlace(out)
    await requireFolder(dirname(out))
  }
  const core = await host.loadCore()
  const read = zones === undefined ? {} : { zones: zones === 'none' ? null : await core.readZones(zones) }
  const result = await calibrate(core, { ...options, ...read }, host, readSwitch(flags, 'quiet'))
  if (readSwitch(flags, 'json')) {
    printJson(host, result)
  } else {
    const next = `Next: assay inspect ${quoteWords([result.model])} <image or folder> --out report`
    host.stdout.write(`${[...summariseCalibration(result), '', next].join('\n')}\n`)
  }
  return exitCodes.done
}

async function calibrate(
  core: Core,
  options: RecalibrateOptions,
  host: Host,
  isQuiet: boolean,
): Promise<RecalibrateResult> {
  const progress = createProgress(host, { isQuiet })
  try {
    const run = core.recalibrateModel(options)
    for (;;) {
      const { done, value } = await run.next()
      if (done === true) return value
      showTrainEvent(value, progress)
    }
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The calibration', 'The model is as it was. Run the same command again.', {
      cause: error,
    })
  } finally {
    progress.clear()
  }
}
