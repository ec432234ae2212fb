/** `assay step`: RoBiS as published, one step at a time or all in order. */
import type { StepEvent, StepName, StepOptions, StepResult } from '@assay/core'
import type { Core } from '../core.ts'
import { readChoice, readSwitch, readText, readTexts, readWhole } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { StepCommandName } from '../program-step.ts'
import type { Flags } from '../program.ts'
import { readYaml } from '../recipe-file.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress, type Progress } from '../render/progress.ts'
import { showStepEvent, stepDocument, summariseStep, summariseSubmission } from '../render/step.ts'

export async function runStep(command: StepCommandName, flags: Flags, host: Host): Promise<number> {
  const config = readText(flags, 'config')
  const threads = readWhole(flags, 'threads', 1, 1024)
  const maxPixels = readWhole(flags, 'max-pixels', 1, 100_000_000_000)
  const chosen = readOwnFlags(flags)
  const submission = readText(flags, 'submission')
  const file = config === undefined ? undefined : await readYaml(config)
  const core = await host.loadCore()
  const given = Object.fromEntries(core.stepKeys.map((key) => [key, readPublished(flags, key)]))
  const settings = core.parseStepSettings(file, given)
  const options = { settings, threads, maxPixels, signal: host.signal, ...chosen }
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  const isJson = readSwitch(flags, 'json')
  try {
    if (submission !== undefined) return await submit(core, submission, options, host, progress, isJson)
    const results: StepResult[] = []
    for (const step of stepsOf(core, command, settings)) {
      const result = await follow(start(core, step, options), progress)
      results.push(result)
      if (!isJson) host.stdout.write(`${summariseStep(result).join('\n')}\n`)
    }
    const documents = results.map(stepDocument)
    if (isJson) printJson(host, command === 'step all' ? { steps: documents } : documents[0])
    const hasFailed = results.some(({ objects }) => objects.some(({ failed }) => failed > 0))
    return hasFailed ? exitCodes.someFailed : exitCodes.done
  } catch (error) {
    if (!isAbort(error)) throw error
    const hint = 'Run the same command again: it goes on where it stopped.'
    throw new Interruption('The step', hint, { cause: error })
  } finally {
    progress.clear()
  }
}

type ChosenOptions = StepOptions & ReturnType<typeof readOwnFlags>

/** The steps of a command, in their order. */
function stepsOf(
  core: Core,
  command: StepCommandName,
  settings: StepOptions['settings'],
): readonly StepName[] {
  if (command !== 'step all') return core.stepNames.filter((name) => command === `step ${name}`)
  const { train_state, test_state, eval_pub, test_type } = settings
  const isWanted: Readonly<Record<StepName, boolean>> = {
    crop: true,
    train: train_state,
    maps: test_state,
    merge: test_state,
    binarise: test_state,
    refine: test_state,
    evaluate: test_state && eval_pub && test_type === 'test_public',
  }
  return core.stepNames.filter((name) => isWanted[name])
}

function start(core: Core, step: StepName, options: ChosenOptions): AsyncGenerator<StepEvent, StepResult> {
  switch (step) {
    case 'crop':
      return core.cropDataset(options)
    case 'train':
      return core.trainOnTiles(options)
    case 'maps':
      return core.mapTiles(options)
    case 'merge':
      return core.mergeMaps(options)
    case 'binarise':
      return core.binariseMaps(options)
    case 'refine':
      return core.refineMasks(options)
    case 'evaluate':
      return core.evaluateMasks(options)
    default:
      return step satisfies never
  }
}

async function follow<R>(run: AsyncGenerator<StepEvent, R>, progress: Progress): Promise<R> {
  for (;;) {
    const { done, value } = await run.next()
    if (done === true) {
      progress.clear()
      return value
    }
    showStepEvent(value, progress)
  }
}

async function submit(
  core: Core,
  folder: string,
  options: StepOptions,
  host: Host,
  progress: Progress,
  isJson: boolean,
): Promise<number> {
  const submission = await follow(core.submitMaps(folder, options), progress)
  if (isJson) printJson(host, submission)
  else host.stdout.write(`${summariseSubmission(submission).join('\n')}\n`)
  return submission.packed === null ? exitCodes.someFailed : exitCodes.done
}

function readOwnFlags(flags: Flags) {
  return {
    force: readSwitch(flags, 'force'),
    steps: readWhole(flags, 'steps', 1, 1_000_000_000),
    seed: readWhole(flags, 'seed', 0, 0xffffffff),
    scale: readChoice(flags, 'scale', ['published', 'raw']),
    keepTiles: readSwitch(flags, 'keep-tiles'),
    segmenter: readChoice(flags, 'segmenter', ['sam-vit-b', 'sam-vit-l', 'sam-vit-h']),
  }
}

/** A published option as typed: text, several texts, or true for a switch without a value. */
function readPublished(flags: Flags, key: string): unknown {
  const value = flags[key]
  if (value === true) return true
  return Array.isArray(value) ? readTexts(flags, key) : readText(flags, key)
}
