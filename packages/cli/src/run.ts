/** One run of the command, from its words to its exit code. Nothing here touches the process. */
import { CommandLineFault, parseCommandLine, type Invocation } from './command-line.ts'
import type { Host } from './host.ts'

export interface RunHost extends Host {
  readonly version: string
}

/** Returns the exit code; errors are printed, not thrown. */
export async function run(host: RunHost): Promise<number> {
  const { argv } = host
  const isJson = argv.slice(0, untilDashes(argv)).includes('--json')
  try {
    const columns = Math.min(100, Math.max(60, host.stdout.columns ?? 100))
    const invocation = parseCommandLine(argv.length === 0 ? ['--help'] : argv, {
      version: host.version,
      columns,
    })
    if (invocation.kind === 'text') {
      host.stdout.write(invocation.text)
      return 0
    }
    return await runCommand(invocation, host)
  } catch (error) {
    const [{ reportError }, { explainFault }] = await Promise.all([
      import('./render/error.ts'),
      import('./explain-fault.ts'),
    ])
    return reportError(error instanceof CommandLineFault ? explainFault(error) : error, host, { isJson })
  }
}

async function runCommand(
  { command, args, flags }: Invocation & { kind: 'run' },
  host: Host,
): Promise<number> {
  switch (command) {
    case 'demo':
      return (await import('./command/demo.ts')).runDemo(flags, host)
    case 'data describe':
      return (await import('./command/describe.ts')).runDescribe(args, flags, host)
    case 'data convert':
      return (await import('./command/convert.ts')).runConvert(args, flags, host)
    case 'data synthesise':
      return (await import('./command/synthesise.ts')).runSynthesise(args, flags, host)
    case 'train':
      return (await import('./command/train.ts')).runTrain(args, flags, host)
    case 'calibrate':
      return (await import('./command/calibrate.ts')).runCalibrate(args, flags, host)
    case 'submit':
      return (await import('./command/submit.ts')).runSubmit(args, flags, host)
    case 'check':
      return (await import('./command/check.ts')).runCheck(args, flags, host)
    case 'export':
      return (await import('./command/export.ts')).runExport(args, flags, host)
    case 'inspect':
      return (await import('./command/inspect.ts')).runInspect(args, flags, host)
    case 'evaluate':
      return (await import('./command/evaluate.ts')).runEvaluate(args, flags, host)
    case 'weights list':
      return (await import('./command/weights.ts')).runWeightsList(flags, host)
    case 'weights fetch':
      return (await import('./command/weights.ts')).runWeightsFetch(args, flags, host)
    case 'weights add':
      return (await import('./command/weights.ts')).runWeightsAdd(args, flags, host)
    case 'weights verify':
      return (await import('./command/weights.ts')).runWeightsVerify(args, flags, host)
    case 'weights import cras':
      return (await import('./command/weights-import.ts')).runImportCras(args, flags, host)
    case 'weights import robis':
      return (await import('./command/weights-import.ts')).runImportRobis(args, flags, host)
    case 'bench quality':
      return (await import('./command/bench.ts')).runBenchQuality(args, flags, host)
    case 'experiment':
      return (await import('./command/experiment.ts')).runExperiment(args, flags, host)
    case 'step crop':
    case 'step train':
    case 'step maps':
    case 'step merge':
    case 'step binarise':
    case 'step refine':
    case 'step evaluate':
    case 'step all':
      return (await import('./command/step.ts')).runStep(command, flags, host)
    case 'studio':
      return (await import('./command/studio.ts')).runStudio(flags, host)
    case 'studio backup':
      return (await import('./command/studio-backup.ts')).runStudioBackup(args, flags, host)
    case 'studio restore':
      return (await import('./command/studio-backup.ts')).runStudioRestore(args, flags, host)
    case 'worker':
      return (await import('./command/worker.ts')).runWorker(flags, host)
    default:
      return command satisfies never
  }
}

function untilDashes(argv: readonly string[]): number {
  const at = argv.indexOf('--')
  return at === -1 ? argv.length : at
}
