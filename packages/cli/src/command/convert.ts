/** `assay data convert`: a dataset in the MVTec AD layout, made of the same bytes. */
import { AssayError, suggest } from '@assay/contract'
import type { LayoutName } from '@assay/core'
import type { Core } from '../core.ts'
import { readSwitch, readTexts } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { conversionInWords } from '../render/conversion.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress } from '../render/progress.ts'
import { createPaint } from '../render/text.ts'

export async function runConvert(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [name = '', from = '', to = ''] = args
  const products = readTexts(flags, 'product')
  const core = await host.loadCore()
  const layout = readConvertible(core, name)
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  try {
    const conversion = await core.convertDataset(from, to, {
      layout,
      link: readSwitch(flags, 'link'),
      signal: host.signal,
      onProgress: ({ done, total }) => progress.update({ label: 'converting', done, total, unit: 'file' }),
      ...(products === undefined ? {} : { products }),
    })
    progress.clear()
    if (readSwitch(flags, 'json')) printJson(host, conversion)
    else
      host.stdout.write(`${conversionInWords(conversion, createPaint(host.stdout, host.env)).join('\n')}\n`)
    return exitCodes.done
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The conversion', 'Nothing was left behind; run the same command again.', {
      cause: error,
    })
  } finally {
    progress.clear()
  }
}

/** The layout of this name; one that is close to the MVTec AD layout already has nothing to convert. */
function readConvertible(core: Core, name: string): LayoutName {
  const convertible = core.layouts.filter((layout) => layout.isConvertible).map((layout) => layout.name)
  const found = convertible.find((known) => known === name)
  if (found !== undefined) return found
  const isKnown = core.layouts.some((layout) => layout.name === name)
  const near = suggest(name, convertible)
  const reason = isKnown
    ? `it is in the MVTec AD layout already; what can be converted is ${convertible.join(', ')}`
    : `it is one of ${convertible.join(', ')}${near === undefined ? '' : `, perhaps "${near}"`}`
  throw new AssayError('OPTION_INVALID', { option: '<layout>', value: name, reason })
}
