/** `assay data describe`: what images are taken for, before anything long starts. */
import { readSwitch, readTexts } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { readLayout } from '../layout-option.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { describeInWords } from '../render/description.ts'
import { createProgress } from '../render/progress.ts'
import { createPaint } from '../render/text.ts'

export async function runDescribe(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [folder = ''] = args
  const products = readTexts(flags, 'product')
  const core = await host.loadCore()
  const layout = readLayout(flags, core)
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  try {
    const description = await core.describeDataset(folder, {
      ...(products === undefined ? {} : { products }),
      layout,
      thorough: readSwitch(flags, 'thorough'),
      signal: host.signal,
      onProgress: ({ product, done, total }) =>
        progress.update({ label: product, done, total, unit: 'file' }),
    })
    progress.clear()
    if (readSwitch(flags, 'json')) printJson(host, description)
    else host.stdout.write(`${describeInWords(description, createPaint(host.stdout, host.env)).join('\n')}\n`)
    return exitCodes.done
  } finally {
    progress.clear()
  }
}
