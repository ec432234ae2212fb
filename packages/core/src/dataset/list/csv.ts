/**
 * Comma-separated values by RFC 4180: quotes, doubled quotes and line breaks inside of them, a byte order mark.
 *
 * Only the comma separates. Every record knows the line it begins on, for messages.
 */

export interface CsvRecord {
  /** Counted from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** A quote that is not closed, or text beside one. */
export class CsvFault extends Error {
  override readonly name: string = 'CsvFault'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

/** The records of `text`; empty lines are none. Throws `CsvFault`. */
export function parseCsv(text: string): CsvRecord[] {
  const records: CsvRecord[] = []
  let cells: string[] = []
  let line = 1
  let began = 1
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length || cells.length > 0) {
    const quoted = text[at] === '"' ? readQuoted(text, at, line) : null
    const cell = quoted?.cell ?? matchAt(/[^,\r\n]*/y, text, at)
    if (quoted === null && cell.includes('"')) throw new CsvFault(line, 'a quote stands inside a cell')
    at = quoted?.end ?? at + cell.length
    line += quoted?.breaks ?? 0
    cells.push(cell)
    if (text[at] === ',') {
      at++
      continue
    }
    const ending = matchAt(/\r\n|\n|\r/y, text, at)
    if (ending === '' && at < text.length) throw new CsvFault(line, 'text follows a closing quote')
    if (cells.length > 1 || cells[0] !== '' || quoted !== null) records.push({ line: began, cells })
    cells = []
    at += ending.length
    line++
    began = line
  }
  return records
}

/** What a sticky pattern matches from `at` on; empty if it does not. */
function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** The cell that begins with the quote at `start`, where it ends, and how many line breaks are in it. */
function readQuoted(
  text: string,
  start: number,
  line: number,
): { readonly cell: string; readonly end: number; readonly breaks: number } {
  for (let at = start + 1; ; at += 2) {
    at = text.indexOf('"', at)
    if (at === -1) throw new CsvFault(line, 'a quote is not closed')
    if (text[at + 1] === '"') continue
    const cell = text.slice(start + 1, at).replaceAll('""', '"')
    return { cell, end: at + 1, breaks: cell.match(/\r\n|\n|\r/g)?.length ?? 0 }
  }
}
