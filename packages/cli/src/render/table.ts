/** Columns of text that line up: words to the left, numbers to the right. */

export interface Column {
  readonly head: string
  readonly align?: 'left' | 'right'
}

/** Lines of a table with two blanks between columns and a head; no line ends in blanks. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, i) =>
    rows.reduce((widest, row) => Math.max(widest, (row[i] ?? '').length), column.head.length),
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => {
        const cell = cells[i] ?? ''
        const width = widths[i] ?? 0
        return column.align === 'right' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map((column) => column.head)), ...rows.map(line)]
}
