/** `assay submit`: a folder of maps and masks, checked by every rule of the benchmark server, then packed. */
import { basename, resolve } from 'node:path'
import { readSwitch, readText } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { createProgress } from '../render/progress.ts'
import { summariseSubmission } from '../render/step.ts'

export async function runSubmit(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [folder = ''] = args
  const archive = readText(flags, 'out') ?? `${basename(resolve(folder))}.tar.gz`
  const core = await host.loadCore()
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  const watch = (label: string) => ({
    signal: host.signal,
    onProgress: ({ done, total }: { readonly done: number; readonly total: number }) =>
      progress.update({ label, done, total, unit: 'file' }),
  })
  try {
    const report = await core.checkSubmission(folder, watch('checking'))
    const packed =
      report.faults.length > 0 ? null : await core.packSubmission(folder, archive, watch('packing'))
    const submission = { archive, report, packed }
    progress.clear()
    if (readSwitch(flags, 'json')) printJson(host, submission)
    else host.stdout.write(`${summariseSubmission(submission).join('\n')}\n`)
    return packed === null ? exitCodes.someFailed : exitCodes.done
  } finally {
    progress.clear()
  }
}
