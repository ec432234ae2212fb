/** `assay weights import cras`: what the authors' own code saved becomes a model file. */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AssayError } from '@assay/contract'
import type { ImportCrasOptions, ImportResult } from '@assay/core'
import type { Core } from '../core.ts'
import { readSwitch, readText, readTexts } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import { requireFolder, requireModelPlace } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress } from '../render/progress.ts'
import { quoteWords } from '../render/quote.ts'
import { formatBytes, printable } from '../render/text.ts'
import { productThresholds, showTrainEvent } from '../render/training.ts'
import { readRunFlags } from '../run-options.ts'

export async function runImportCras(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [checkpoint = ''] = args
  const centres = readText(flags, 'centres')
  const good = readText(flags, 'calibrate')
  const out = readText(flags, 'out') ?? 'model.onnx'
  const options = {
    backbone: readText(flags, 'backbone'),
    products: readTexts(flags, 'product'),
    ...readRunFlags(flags, host),
  }
  if (centres === undefined)
    throw new AssayError('USAGE', {
      reason: 'The centres are missing: give the center.pth beside the checkpoint with --centres',
    })
  if (good === undefined)
    throw new AssayError('USAGE', {
      reason: 'The checkpoint holds no thresholds: give a folder of good images with --calibrate to set them',
    })
  await requireModelPlace(out)
  await requireFolder(dirname(out))
  const core = await host.loadCore()
  const isQuiet = readSwitch(flags, 'quiet')
  const result = await importModel(core, { checkpoint, centres, good, out, ...options }, host, isQuiet)
  if (readSwitch(flags, 'json')) {
    const { model, backbone, products } = result
    printJson(host, { model, method: 'cras', backbone, products })
  } else {
    const { size } = await stat(out)
    const lines = [
      `${printable(result.model)}  ${formatBytes(size)}`,
      `cras as published, on ${result.backbone}`,
      '',
      ...productThresholds(result.products),
      '',
      `Next: assay inspect ${quoteWords([out])} <image or folder> --out report`,
    ]
    host.stdout.write(`${lines.join('\n')}\n`)
  }
  return exitCodes.done
}

async function importModel(
  core: Core,
  options: ImportCrasOptions,
  host: Host,
  isQuiet: boolean,
): Promise<ImportResult> {
  const progress = createProgress(host, { isQuiet })
  try {
    const importing = core.importCras(options)
    for (;;) {
      const { done, value } = await importing.next()
      if (done === true) return value
      showTrainEvent(value, progress)
    }
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The import', 'Run the same command again.', { cause: error })
  } finally {
    progress.clear()
  }
}
