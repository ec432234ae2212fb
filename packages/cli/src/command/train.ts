/** `assay train`: good images in, one model file out. */
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AssayError, methodNames, profileNames, segmenterNames, type PartialRecipe } from '@assay/contract'
import type { Core } from '../core.ts'
import type { TrainOptions, TrainResult } from '@assay/core'
import { readChoice, readRate, readRateOrNone, readSwitch, readText, readTexts, readWhole } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { readLayout } from '../layout-option.ts'
import { printJson } from '../output/json.ts'
import { requireFolder, requireModelPlace } from '../output/write.ts'
import type { Flags } from '../program.ts'
import { printRecipe, readRecipeFile } from '../recipe-file.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress } from '../render/progress.ts'
import { showTrainEvent, summariseTraining, trainingDocument } from '../render/training.ts'
import { quoteWords } from '../render/quote.ts'
import { readDevices, readRunFlags } from '../run-options.ts'

export async function runTrain(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [data] = args
  const out = readText(flags, 'out') ?? 'model.onnx'
  const recipeFile = readText(flags, 'recipe')
  const choices = readRecipeFlags(flags)
  const recipe = recipeFile === undefined ? undefined : await readRecipeFile(recipeFile)
  const products = readTexts(flags, 'product')
  const run = { ...readRunFlags(flags, host), providers: readDevices(flags, 'providers') }
  if (readSwitch(flags, 'print-recipe'))
    return showRecipe({ ...choices, recipe }, data, products, flags, host)
  if (data === undefined) {
    throw new AssayError('USAGE', {
      reason: 'A training needs data: assay train <data> [options], with <data> before --product',
    })
  }
  await requireModelPlace(out)
  await requireFolder(dirname(out))
  const core = await host.loadCore()
  const layout = readLayout(flags, core)
  const resume = readSwitch(flags, 'resume')
  const result = await train(
    core,
    { data, out, products, layout, recipe, resume, ...choices, ...run },
    host,
    readSwitch(flags, 'quiet'),
  )
  if (readSwitch(flags, 'json')) {
    printJson(host, trainingDocument(result))
  } else {
    const { size } = await stat(out)
    host.stdout.write(
      `${summariseTraining(result, size).join('\n')}\n\nNext: assay inspect ${quoteWords([out])} <image or folder> --out report\n`,
    )
  }
  return exitCodes.done
}

/** Trains with progress on stderr; an interruption says how to go on. Also used by the demo. */
export async function train(
  core: Core,
  options: TrainOptions,
  host: Host,
  isQuiet: boolean,
): Promise<TrainResult> {
  const progress = createProgress(host, { isQuiet })
  try {
    const training = core.trainModel(options)
    for (;;) {
      const { done, value } = await training.next()
      if (done === true) return value
      showTrainEvent(value, progress)
    }
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('Training', await howToGoOn(options.out, host.argv), { cause: error })
  } finally {
    progress.clear()
  }
}

function readRecipeFlags(flags: Flags) {
  return {
    method: readChoice(flags, 'method', ['auto', ...methodNames]),
    profile: readChoice(flags, 'profile', profileNames),
    backbone: readText(flags, 'backbone'),
    seed: readWhole(flags, 'seed', 0, 0xffffffff),
    mode: readChoice(flags, 'mode', ['assay', 'paper']),
    window: readWhole(flags, 'window', 32, 100_000),
    segmenter: readChoice(flags, 'segmenter', segmenterNames),
    ...readAims(flags),
  }
}

/** The options about thresholds that a training and a calibration have in common. */
export function readAims(flags: Flags) {
  const confidence = readRateOrNone(flags, 'confidence', 0.999)
  return {
    falseAlarms: readRate(flags, 'false-alarms', 0.5),
    unsure: readRateOrNone(flags, 'unsure', 0.5),
    confidence: confidence === null ? 0 : confidence,
  }
}

/** Prints the settings of a training without starting it. */
async function showRecipe(
  choices: ReturnType<typeof readRecipeFlags> & { readonly recipe: PartialRecipe | undefined },
  data: string | undefined,
  products: readonly string[] | undefined,
  flags: Flags,
  host: Host,
): Promise<number> {
  const core = await host.loadCore()
  const reading = { layout: readLayout(flags, core), ...(products === undefined ? {} : { products }) }
  const dataset = data === undefined ? undefined : await core.readDataset(data, reading)
  const asked = choices.method ?? choices.recipe?.method
  const method = asked === 'auto' ? core.defaultMethod : asked
  if (asked === 'auto')
    host.stderr.write(`Which method "auto" takes shows in the training; here is ${core.defaultMethod}.\n`)
  const recipe = core.resolveRecipe({ ...choices, method }, dataset?.products.length ?? 1)
  if (readSwitch(flags, 'json')) printJson(host, recipe)
  else host.stdout.write(await printRecipe(recipe))
  return exitCodes.done
}

async function howToGoOn(out: string, argv: readonly string[]): Promise<string> {
  const isBegun = (await stat(`${out}.work`).catch(() => null)) !== null
  const words = argv.filter((word) => word !== '--resume')
  if (!isBegun) return `Nothing was begun; start again with: assay ${quoteWords(words)}`
  return `Go on where it stopped: assay ${quoteWords([...words, '--resume'])}`
}
