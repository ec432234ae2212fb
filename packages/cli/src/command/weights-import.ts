/** `assay weights import cras` and `robis`: what the authors' own code saved becomes a model file. */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AssayError, type MethodName } from '@assay/contract'
import type { ImportResult, ImportRobisOptions, TrainEvent } from '@assay/core'
import type { Core } from '../core.ts'
import { readChoice, readSwitch, readText, readTexts, readWhole } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import { requireFolder, requireModelPlace } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { parityTable } from '../render/parity.ts'
import { createProgress } from '../render/progress.ts'
import { quoteWords } from '../render/quote.ts'
import { formatBytes, printable } from '../render/text.ts'
import { productThresholds, showTrainEvent } from '../render/training.ts'
import { readDevices, readRunFlags } from '../run-options.ts'

export async function runImportCras(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const centres = readText(flags, 'centres')
  if (centres === undefined)
    throw new AssayError('USAGE', {
      reason: 'The centres are missing: give the center.pth beside the checkpoint with --centres',
    })
  const options = { ...readCommonFlags(args, flags, host), centres, products: readTexts(flags, 'product') }
  return runImport('cras', options.out, flags, host, (core) => core.importCras(options))
}

export async function runImportRobis(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const options: ImportRobisOptions = {
    ...readCommonFlags(args, flags, host),
    product: readText(flags, 'product'),
    input: readChoice(flags, 'input', ['518', '392']) === '392' ? 392 : 518,
    window: readWhole(flags, 'window', 32, 100_000),
  }
  return runImport('robis', options.out, flags, host, (core) => core.importRobis(options))
}

function readCommonFlags([checkpoint = '']: readonly string[], flags: Flags, host: Host) {
  const good = readText(flags, 'calibrate')
  if (good === undefined)
    throw new AssayError('USAGE', {
      reason: 'The checkpoint holds no thresholds: give a folder of good images with --calibrate to set them',
    })
  return {
    checkpoint,
    good,
    out: readText(flags, 'out') ?? 'model.onnx',
    backbone: readText(flags, 'backbone'),
    ...readRunFlags(flags, host),
    providers: readDevices(flags, 'providers'),
  }
}

async function runImport(
  method: MethodName,
  out: string,
  flags: Flags,
  host: Host,
  start: (core: Core) => AsyncGenerator<TrainEvent, ImportResult>,
): Promise<number> {
  await requireModelPlace(out)
  await requireFolder(dirname(out))
  const core = await host.loadCore()
  const result = await finishImport(start(core), host, readSwitch(flags, 'quiet'))
  if (readSwitch(flags, 'json')) {
    const { model, backbone, products, parity } = result
    printJson(host, { model, method, backbone, products, parity })
  } else {
    const { size } = await stat(out)
    const lines = [
      `${printable(result.model)}  ${formatBytes(size)}`,
      `${method} as published, on ${result.backbone}`,
      '',
      ...productThresholds(result.products),
      '',
      ...parityTable(result.parity),
      '',
      `Next: assay inspect ${quoteWords([out])} <image or folder> --out report`,
    ]
    host.stdout.write(`${lines.join('\n')}\n`)
  }
  return exitCodes.done
}

async function finishImport(
  importing: AsyncGenerator<TrainEvent, ImportResult>,
  host: Host,
  isQuiet: boolean,
): Promise<ImportResult> {
  const progress = createProgress(host, { isQuiet })
  try {
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
