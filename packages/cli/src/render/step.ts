/** The events of the published steps as progress, and their results as text and as a document. */
import type { EvaluateStepResult, StepEvent, StepMetrics, StepResult, StepSubmission } from '@assay/core'
import type { Progress } from './progress.ts'
import { renderTable } from './table.ts'
import { countOf, formatBytes, formatPercent, printable } from './text.ts'

/** Shows one event. */
export function showStepEvent(event: StepEvent, progress: Progress): void {
  switch (event.type) {
    case 'device':
      return progress.say(`device: ${event.device} (${event.reason}), ${countOf(event.threads, 'thread')}`)
    case 'space':
      return progress.say(
        `tiles of ${countOf(event.pictures, 'picture')}: about ${formatBytes(event.bytes)}, free: ${formatBytes(event.freeBytes)}`,
      )
    case 'stage':
      return progress.update({
        label: `${event.object}: ${event.what}`,
        done: event.done,
        total: event.total,
        unit: 'file',
      })
    case 'step':
      return progress.update({
        label: `${event.object}: training`,
        done: event.step,
        total: event.of,
        detail: `loss ${event.loss.toFixed(4)}`,
      })
    case 'resumed':
      return progress.say(`${event.object}: going on at step ${event.step} of ${event.of}`)
    case 'image-error':
      return progress.warn(`${event.message} It is left out. ${event.hint}`)
    case 'warning':
      return progress.warn(event.message)
    default:
      return event satisfies never
  }
}

const sights: Readonly<Record<StepResult['sees'], string>> = {
  nothing: '',
  good: 'sees: good',
  test: 'sees: test (numbers were taken from the very split that is tested)',
}

function isEvaluation(result: StepResult): result is EvaluateStepResult {
  return 'metrics' in result
}

/** The lines that a step prints. */
export function summariseStep(result: StepResult): string[] {
  if (isEvaluation(result)) return summariseMetrics(result)
  const { step, objects, sees, leftOut } = result
  if (leftOut !== null) return [`${step}: left out`]
  const lines = renderTable(
    [
      { head: step },
      { head: 'made', align: 'right' },
      { head: 'there before', align: 'right' },
      { head: 'failed', align: 'right' },
    ],
    objects.map(({ object, made, kept, failed }) => [
      printable(object),
      String(made),
      String(kept),
      String(failed),
    ]),
  )
  return sees === 'nothing' ? lines : [...lines, sights[sees]]
}

/** What `--json` prints of a step. */
export function stepDocument(result: StepResult): Record<string, unknown> {
  const { step, objects, sees, leftOut } = result
  return {
    step,
    sees,
    leftOut: leftOut === null ? null : { code: leftOut.code, message: leftOut.message, hint: leftOut.hint },
    objects,
    ...(isEvaluation(result) ? { metrics: result.metrics } : {}),
  }
}

function summariseMetrics({ metrics }: EvaluateStepResult): string[] {
  const rows = Object.entries(metrics)
  const table = (heads: readonly string[], cells: (m: StepMetrics) => readonly (number | null)[]): string[] =>
    renderTable(
      heads.map((head, i) => (i === 0 ? { head } : { head, align: 'right' })),
      rows.map(([object, m]) => [printable(object), ...cells(m).map(formatPercent)]),
    )
  return [
    ...table(['object', 'AU-PRO 0.05', 'AU-PRO 0.3', 'pixel F1-max', 'SegF1', 'ClassF1'], (m) => [
      m.aupro05,
      m.aupro30,
      m.pixelF1Max,
      m.segF1,
      m.classF1,
    ]),
    '',
    ...table(
      ['as RoBiS prints', 'I-AUROC', 'I-AP', 'I-F1', 'P-AUROC', 'P-AP', 'P-F1', 'robis-aupro'],
      (m) => [
        m.robis.imageAuroc,
        m.robis.imageAp,
        m.robis.imageF1Max,
        m.robis.pixelAuroc,
        m.robis.pixelAp,
        m.robis.pixelF1Max,
        m.robis.aupro,
      ],
    ),
  ]
}

/** The lines about a submission; the first faults of many. */
export function summariseSubmission({ archive, report, packed }: StepSubmission): string[] {
  const told = 20
  const findings = [...report.faults, ...report.warnings]
  return [
    packed === null
      ? `not packed: ${countOf(report.faults.length, 'fault')}`
      : `${printable(archive)}  ${countOf(packed.files, 'file')}, ${formatBytes(packed.bytes)}`,
    ...findings.slice(0, told).map(({ path, problem }) => `  ${printable(path)} ${problem}`),
    ...(findings.length > told ? [`  and ${findings.length - told} more`] : []),
  ]
}
