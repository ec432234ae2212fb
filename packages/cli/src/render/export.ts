/** What an export made of a model, as lines of text. */
import type { ExportResult } from '@assay/core'
import { parityTable } from './parity.ts'
import { renderTable } from './table.ts'
import { formatBytes, printable } from './text.ts'

/** The lines that `assay export` prints. */
export function summariseExport(result: ExportResult): string[] {
  const { model, precision, arithmetic, bytes, milliseconds, differences, parity, thresholds, auroc } = result
  const row = (name: string, before: string, after: string): string[] => [name, before, after]
  const rows = [
    row('size', formatBytes(bytes.before), formatBytes(bytes.after)),
    row('one input', formatTime(milliseconds.before), formatTime(milliseconds.after)),
    ...(auroc === null
      ? []
      : [
          row('image AUROC', formatAuroc(auroc.image.before), formatAuroc(auroc.image.after)),
          row('pixel AUROC', formatAuroc(auroc.pixel.before), formatAuroc(auroc.pixel.after)),
        ]),
  ]
  const verdicts = differences.reduce((sum, d) => sum + d.verdicts, 0)
  return [
    `${printable(model)}  ${precision}, layers in ${arithmetic}`,
    '',
    ...renderTable(
      [{ head: '' }, { head: 'float32', align: 'right' }, { head: precision, align: 'right' }],
      rows,
    ),
    '',
    ...parityTable(differences, 'against the float32 file'),
    '',
    ...parityTable(parity),
    '',
    thresholds === 'kept'
      ? 'Thresholds are those of the float32 file: every compared image has the same verdict.'
      : `Thresholds were set again on the calibration images; ${verdicts} of the compared images have another verdict than before.`,
    ...(auroc === null ? [] : [judgeAuroc(precision, auroc.isEqual)]),
  ]
}

function judgeAuroc(precision: string, isEqual: boolean): string {
  return isEqual
    ? `${precision} is equal in AUROC within 0.1 points here.`
    : `${precision} is worse in AUROC by more than 0.1 points: keep the float32 file where that matters.`
}

function formatTime(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`
}

/** With two digits: a tenth of a point is what matters here. */
function formatAuroc(share: number | null): string {
  return share === null ? '–' : (100 * share).toFixed(2)
}
