/** The last words of the demo: what was done, what came of it, where to look, what to try next. */
import type { DemoResult } from '../command/demo.ts'
import { formatDuration, formatPercent, type createPaint } from './text.ts'

export function summariseDemo(result: DemoResult, paint: ReturnType<typeof createPaint>): string[] {
  const { training, evaluation, drawn, seconds, report, evaluationPage, model } = result
  const all = Object.values(evaluation.confusion)
  const sum = (pick: (c: (typeof all)[number]) => number): number =>
    all.reduce((total, c) => total + pick(c), 0)
  const found = sum((c) => c.defectsFound)
  const passed = sum((c) => c.goodPassed)
  const rows: [string, string][] = [
    ['defects found', `${found} of ${found + sum((c) => c.defectsMissed)}`],
    ['good parts passed', `${passed} of ${passed + sum((c) => c.goodFlagged)}`],
  ]
  if (evaluation.routing !== null) {
    rows.push(['product recognised', `${evaluation.routing.correct} of ${evaluation.routing.total}`])
  }
  const { imageAuroc, aupro30 } = evaluation.evaluation.mean
  rows.push(['image AUROC', `${formatPercent(imageAuroc)} %`], ['AU-PRO 0.3', `${formatPercent(aupro30)} %`])
  const names = training.products.map((p) => p.name)
  return [
    '',
    `Assay drew ${drawn} pictures of ${names.length} made-up products (${names.join(', ')}), learned one`,
    `model from good ones only, and judged ${evaluation.images} pictures it had never seen:`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(20)}${paint('bold', value)}`),
    '',
    `Look at it:  ${paint('bold', report)}`,
    `             ${evaluationPage}`,
    `The model:   ${model}`,
    '',
    `That took ${formatDuration(seconds)}. Now with your own parts:`,
    '  assay train <folder of good images> --out model.onnx',
    '  assay inspect model.onnx <image or folder> --out report',
  ]
}
