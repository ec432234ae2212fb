/**
 * One measured product of one run, and the table of them as CSV: what a bench or an experiment remembers.
 *
 * A row says what was run (`rowKey`), what came of it, and what it took. Rows are flat, so the file opens in
 * any spreadsheet; numbers that the data cannot give are empty cells.
 */
import { AssayError, metricNames } from '@assay/contract'
import { CsvFault, parseCsv } from '../dataset/list/csv.ts'

/** Metrics of a row, all shares from 0 to 1: the eight, and those of the masks. */
export const benchMetricNames = [...metricNames, 'segF1', 'iou', 'classF1', 'auroc05', 'aupimo'] as const
export type BenchMetric = (typeof benchMetricNames)[number]

const nameColumns = ['set', 'product', 'method', 'profile', 'backbone', 'recipe'] as const
const countColumns = ['seed', 'products'] as const
const resultColumns = [
  ...benchMetricNames,
  'goodPassed',
  'goodFlagged',
  'defectsFound',
  'defectsMissed',
  'routed',
  'routable',
] as const
const costColumns = [
  'steps',
  'trainSeconds',
  'inspectMs',
  'trainPeakMb',
  'peakMb',
  'modelMb',
  'threads',
  'workers',
] as const
const placeColumns = ['device', 'machine', 'assay', 'page'] as const

type TextColumn = (typeof nameColumns)[number] | (typeof placeColumns)[number]
type NumberColumn =
  | (typeof countColumns)[number]
  | (typeof resultColumns)[number]
  | (typeof costColumns)[number]

/**
 * `recipe` is the start of the sha256 of the resolved recipe without its seed; `products` says how many rows the
 * run has. Peaks are of the whole process in 10^6 bytes: after training, and after evaluation too. `inspectMs`
 * is per picture and includes decoding and counting. `page` is relative to the table.
 */
export type BenchRow = Readonly<Record<TextColumn, string> & Record<NumberColumn, number | null>>

export const benchColumns = [
  ...nameColumns,
  ...countColumns,
  ...resultColumns,
  ...costColumns,
  ...placeColumns,
] as const

/** What makes two rows the outcome of the same run. */
export interface RunIdentity {
  readonly set: string
  readonly method: string
  readonly profile: string
  readonly backbone: string
  readonly recipe: string
  readonly seed: number | null
}

/** Equal for all rows of a run. */
export function rowKey({ set, method, profile, backbone, recipe, seed }: RunIdentity): string {
  return JSON.stringify([set, method, profile, backbone, recipe, seed])
}

/** A row of nothing but names; every number is null. */
export function createRow(names: Readonly<Record<TextColumn, string>>): BenchRow {
  const numbers = [...countColumns, ...resultColumns, ...costColumns].map((column) => [column, null] as const)
  // The list above has every column of numbers.
  return { ...names, ...(Object.fromEntries(numbers) as Record<NumberColumn, null>) }
}

/** The table as RFC 4180 text, in the order of `benchColumns`. */
export function printRows(rows: readonly BenchRow[]): string {
  const lines = rows.map((row) => benchColumns.map((column) => toCell(row[column])))
  return [benchColumns, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')
}

/**
 * Reads what `printRows` wrote, or what somebody made of it in between. A file with other columns is
 * OUTPUT_EXISTS, for it is not ours to go on with; a cell that is no number is DATA_LIST_INVALID.
 */
export function parseRows(text: string, path: string): BenchRow[] {
  const [head, ...records] = readRecords(text, path)
  if (head === undefined) return []
  if (head.cells.join() !== benchColumns.join()) throw new AssayError('OUTPUT_EXISTS', { path })
  return records.map(({ line, cells }) => {
    if (cells.length !== benchColumns.length)
      throw new AssayError('DATA_LIST_INVALID', {
        path,
        line,
        column: null,
        reason: `there are ${cells.length} cells instead of ${benchColumns.length}`,
      })
    const entries = benchColumns.map((column, i) => {
      const cell = cells[i] ?? ''
      if (isText(column)) return [column, cell] as const
      if (cell === '') return [column, null] as const
      const value = Number(cell)
      if (Number.isFinite(value)) return [column, value] as const
      throw new AssayError('DATA_LIST_INVALID', { path, line, column, reason: `"${cell}" is not a number` })
    })
    // Every column was read as its kind.
    return Object.fromEntries(entries) as BenchRow
  })
}

function readRecords(text: string, path: string) {
  try {
    return parseCsv(text)
  } catch (error) {
    if (!(error instanceof CsvFault)) throw error
    throw new AssayError('DATA_LIST_INVALID', {
      path,
      line: error.line,
      column: null,
      reason: error.message,
    })
  }
}

function isText(column: (typeof benchColumns)[number]): column is TextColumn {
  return [...nameColumns, ...placeColumns].some((name) => name === column)
}

function toCell(value: string | number | null): string {
  // More digits would be noise.
  const text = value === null ? '' : String(typeof value === 'number' ? Number(value.toFixed(5)) : value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
