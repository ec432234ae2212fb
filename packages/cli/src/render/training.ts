/** The events of a training as progress, and its result as a summary. */
import { formatRate, roundRateUp, type Choice } from '@assay/contract'
import type { ProductSummary, TrainEvent, TrainResult, TrainStage } from '@assay/core'
import { parityTable } from './parity.ts'
import type { Progress } from './progress.ts'
import { renderTable } from './table.ts'
import { countOf, formatBytes, formatDuration, formatScore, printable } from './text.ts'

const stageWords: Readonly<Record<TrainStage, { readonly label: string; readonly unit: string }>> = {
  read: { label: 'reading', unit: 'file' },
  compare: { label: 'comparing', unit: 'part' },
  features: { label: 'features', unit: 'image' },
  memory: { label: 'memory bank', unit: 'centre' },
  head: { label: 'preparing', unit: 'step' },
  calibrate: { label: 'thresholds', unit: 'image' },
  check: { label: 'checking', unit: 'step' },
  write: { label: 'writing', unit: 'step' },
}

/** Shows one event. */
export function showTrainEvent(event: TrainEvent, progress: Progress): void {
  switch (event.type) {
    case 'device':
      return progress.say(`device: ${event.device} (${event.reason}), ${countOf(event.threads, 'thread')}`)
    case 'data':
      for (const p of event.products) {
        const cut = p.window === null ? '' : `, cut into windows of ${p.window.width} x ${p.window.height}`
        progress.say(
          `product ${p.name}: ${countOf(p.images, 'image')} to learn from, ${p.heldOut} held out for the thresholds${cut}, input ${p.width} x ${p.height}`,
        )
      }
      return
    case 'comparing':
      return progress.say(
        `comparing ${event.methods.join(', ')}: each learns from ${countOf(event.trainingImages, 'image')} and judges ${event.heldOutImages} others, good and damaged; about ${formatDuration(event.seconds)}`,
      )
    case 'chosen':
      for (const line of comparisonTable(event.comparison ?? null)) progress.say(line)
      return progress.say(`method: ${event.method} (${event.reason})`)
    case 'resumed':
      return progress.say(`going on at step ${event.step} of ${event.of}`)
    case 'stage': {
      const { label, unit } = stageWords[event.stage]
      return progress.update({ label, done: event.done, total: event.total, unit })
    }
    case 'step':
      return progress.update({
        label: 'training',
        done: event.step,
        total: event.of,
        detail: `loss ${event.loss.toFixed(4)}`,
      })
    case 'image-error':
      return progress.warn(`${event.message} It is left out.`)
    case 'warning':
      return progress.warn(event.message)
    default:
      return event satisfies never
  }
}

/** What each method gave on damaged good images; no lines when nothing was compared. */
function comparisonTable(comparison: Choice['comparison']): string[] {
  if (comparison === null) return []
  const percent = (value: number | null): string => (value === null ? '' : (100 * value).toFixed(1))
  return renderTable(
    [
      { head: 'on damaged good images' },
      { head: 'image AUROC', align: 'right' },
      { head: 'AU-PRO 0.3', align: 'right' },
      { head: 'AU-PRO 0.05', align: 'right' },
      { head: '' },
    ],
    comparison.candidates.map((c) => [
      c.method,
      percent(c.imageAuroc),
      percent(c.aupro30),
      percent(c.aupro05),
      c.leftOut ?? (c.isTied ? 'perhaps the best' : ''),
    ]),
  )
}

/** The document of `--json`; its first six keys are fixed words. */
export function trainingDocument(result: TrainResult): Record<string, unknown> {
  const { model, method, backbone, steps, seconds, threshold, products, parity, choice } = result
  const rounded = Number(seconds.toFixed(3))
  const document = { model, method, backbone, steps, seconds: rounded, threshold, products, parity }
  return choice === null || choice === undefined ? document : { ...document, choice }
}

/** The lines that `assay train` prints. */
export function summariseTraining(result: TrainResult, bytes: number): string[] {
  const steps = result.steps === 0 ? '' : `, ${countOf(result.steps, 'step')}`
  return [
    `${printable(result.model)}  ${formatBytes(bytes)}`,
    `${result.method} on ${result.backbone}${steps}, ${formatDuration(result.seconds)}`,
    '',
    ...productThresholds(result.products),
    '',
    ...parityTable(result.parity),
  ]
}

/** The table of thresholds, one line per product. */
export function productThresholds(products: readonly ProductSummary[]): string[] {
  const hasBand = products.some((p) => p.unsure !== null)
  const confidence = formatRate(products[0]?.confidence ?? 0)
  return renderTable(
    [
      { head: 'product' },
      { head: 'threshold', align: 'right' },
      ...(hasBand ? [{ head: 'unsure above', align: 'right' as const }] : []),
      { head: 'held-out good', align: 'right' },
      { head: 'of them above', align: 'right' },
      { head: 'aimed at', align: 'right' },
      { head: `promised (${confidence})`, align: 'right' },
    ],
    products.map((p) => [
      printable(p.name),
      formatScore(p.threshold),
      ...(hasBand ? [p.unsure === null ? '' : formatScore(p.unsure)] : []),
      String(p.heldOut),
      String(p.heldOutAbove),
      formatRate(p.falseAlarms),
      formatRate(roundRateUp(p.promised)),
    ]),
  )
}
