/**
 * Lists of images in a file: CSV with a first line of column names, or JSONL with an object per line.
 *
 * Columns that nobody knows are refused, so that a mistyped name never means an empty column.
 */
import { readFile } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { AssayError, reasonOf, suggest } from '@assay/contract'
import { isWithin } from '../tree.ts'
import { CsvFault, parseCsv } from './csv.ts'

export interface ListColumns {
  readonly required: readonly string[]
  readonly optional: readonly string[]
}

export interface List {
  readonly rows: readonly ListRow[]
  /** The error for a cell that does not fit. */
  fault(line: number, column: string | null, reason: string): AssayError
}

export interface ListRow {
  /** Of the file, counted from 1. */
  readonly line: number
  /** Text of a column without spaces around it; empty where there is none. */
  get(column: string): string
}

/** Whether a file of this name is read as a list. */
export function isListName(name: string): boolean {
  return /\.(?:csv|jsonl)$/i.test(name)
}

/** Reads the list at `path`, JSONL by its file ending and CSV otherwise. Faults are told with their place. */
export async function readList(path: string, columns: ListColumns): Promise<List> {
  const fault: List['fault'] = (line, column, reason) =>
    new AssayError('DATA_LIST_INVALID', { path, line, column, reason })
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const params = { path, line: null, column: null, reason: reasonOf(error) }
    throw new AssayError('DATA_LIST_INVALID', params, { cause: error })
  })
  const records = /\.jsonl$/i.test(path) ? readJsonLines(text, fault) : readCsvLines(text, fault)
  const known = [...columns.required, ...columns.optional]
  for (const { line, cells } of records) {
    for (const column of cells.keys()) {
      if (known.includes(column)) continue
      const near = suggest(column, known)
      const meant = near === undefined ? '' : `; did you mean "${near}"?`
      throw fault(line, column, `there is no such column, only ${known.join(', ')}${meant}`)
    }
  }
  const rows = records.map(({ line, cells }) => ({
    line,
    get: (column: string) => cells.get(column) ?? '',
  }))
  for (const { line, get } of rows) {
    for (const column of columns.required) if (get(column) === '') throw fault(line, column, 'it is empty')
  }
  if (rows.length === 0) throw fault(1, null, 'the list is empty')
  return { rows, fault }
}

/**
 * The file that a cell names: relative to `folder` and not above it, or absolute as given. Null for a relative
 * path that leads out.
 */
export function resolveListed(folder: string, path: string): string | null {
  if (isAbsolute(path)) return path
  const resolved = resolve(folder, path)
  return isWithin(resolved, resolve(folder)) ? resolved : null
}

interface Cells {
  readonly line: number
  readonly cells: ReadonlyMap<string, string>
}

function readCsvLines(text: string, fault: List['fault']): Cells[] {
  let records
  try {
    records = parseCsv(text)
  } catch (error) {
    if (error instanceof CsvFault) throw fault(error.line, null, error.message)
    throw error
  }
  const [header, ...rest] = records
  const columns = header?.cells.map((cell) => cell.trim()) ?? []
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined) throw fault(header?.line ?? 1, twice, 'the column is there twice')
  return rest.map(({ line, cells }) => {
    if (cells.length !== columns.length)
      throw fault(line, null, `the first line names ${columns.length} columns, this one has ${cells.length}`)
    return { line, cells: new Map(columns.map((column, i) => [column, cells[i]?.trim() ?? ''])) }
  })
}

function readJsonLines(text: string, fault: List['fault']): Cells[] {
  const records: Cells[] = []
  for (const [i, content] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    if (content.trim() === '') continue
    let entry: unknown
    try {
      entry = JSON.parse(content)
    } catch (error) {
      throw fault(i + 1, null, reasonOf(error))
    }
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw fault(i + 1, null, 'it is no JSON object')
    const cells = new Map<string, string>()
    for (const [column, value] of Object.entries(entry)) {
      if (typeof value !== 'string' && value !== null)
        throw fault(i + 1, column, 'it is neither text nor null')
      cells.set(column, (value ?? '').trim())
    }
    records.push({ line: i + 1, cells })
  }
  return records
}
