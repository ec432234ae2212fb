/** `assay data synthesise`: made-up parts and their defects as a dataset in the MVTec AD layout. */
import { AssayError } from '@assay/contract'
import type { PartDefect, PartProduct } from '@assay/core'
import type { Core } from '../core.ts'
import { readChoice, readChoices, readSwitch, readText, readWhole } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress } from '../render/progress.ts'
import { synthesisInWords } from '../render/synthesis.ts'
import { createPaint } from '../render/text.ts'

/** Memory grows with the picture, about 80 bytes a pixel. */
const mostPixels = 25_000_000
const mostParts = 100_000

export async function runSynthesise(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [folder = ''] = args
  const core = await host.loadCore()
  const products = readDistinct(flags, 'product', core.partProducts) ?? core.partProducts
  const defects = readKinds(core, flags, products)
  const layout = readChoice(flags, 'layout', ['mvtec-ad'])
  const counts = {
    train: readWhole(flags, 'good', 0, mostParts) ?? 40,
    testGood: readWhole(flags, 'test', 0, mostParts) ?? 10,
    testDefect: readWhole(flags, 'defects', 0, mostParts) ?? 4,
  }
  const size = readSize(core, flags)
  const seed = readWhole(flags, 'seed', 0, 2 ** 32 - 1) ?? 0
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  try {
    const written = await core.synthesiseDataset(folder, {
      products,
      counts,
      size,
      seed,
      signal: host.signal,
      onProgress: ({ done, total }) => progress.update({ label: 'drawing', done, total, unit: 'picture' }),
      ...(defects === undefined ? {} : { defects }),
    })
    progress.clear()
    if (readSwitch(flags, 'json')) printJson(host, { ...written, layout })
    else host.stdout.write(`${synthesisInWords(written, createPaint(host.stdout, host.env)).join('\n')}\n`)
    return exitCodes.done
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The drawing', 'What it had drawn was removed; run the same command again.', {
      cause: error,
    })
  } finally {
    progress.clear()
  }
}

/** The words of a list, each once. */
function readDistinct<T extends string>(
  flags: Flags,
  name: string,
  choices: readonly T[],
): readonly T[] | undefined {
  const words = readChoices(flags, name, choices)
  return words === undefined ? undefined : [...new Set(words)]
}

/** The defects asked for. Every product has to be able to have one of them, and every one has to be had. */
function readKinds(
  core: Core,
  flags: Flags,
  products: readonly PartProduct[],
): readonly PartDefect[] | undefined {
  const kinds = readDistinct(flags, 'kinds', core.partDefects)
  if (kinds === undefined) return undefined
  const value = kinds.join(',')
  for (const product of products) {
    const possible = core.defectsOf(product)
    if (kinds.some((kind) => possible.includes(kind))) continue
    const reason = `${product} can have none of them, but ${possible.join(', ')}`
    throw new AssayError('OPTION_INVALID', { option: '--kinds', value, reason })
  }
  const unused = kinds.find((kind) => products.every((product) => !core.defectsOf(product).includes(kind)))
  if (unused === undefined) return kinds
  const reason = `${products.join(', ')} cannot have "${unused}"`
  throw new AssayError('OPTION_INVALID', { option: '--kinds', value, reason })
}

function readSize(core: Core, flags: Flags): { width: number; height: number } {
  const value = readText(flags, 'size') ?? '512x512'
  const match = /^(\d{1,5}) ?[x×] ?(\d{1,5})$/.exec(value)
  const width = Number(match?.[1])
  const height = Number(match?.[2])
  if (Math.min(width, height) >= core.smallestPart && width * height <= mostPixels) return { width, height }
  const reason = `width x height such as 2448x2048, from ${core.smallestPart} a side to ${mostPixels / 1e6} million pixels, is needed`
  throw new AssayError('OPTION_INVALID', { option: '--size', value, reason })
}
