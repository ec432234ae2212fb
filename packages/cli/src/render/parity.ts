/** How far providers are from the CPU, as a table. */
import type { CardParity } from '@assay/contract'
import type { CheckResult } from '@assay/core'
import { renderTable } from './table.ts'
import { printable } from './text.ts'

const columns = [
  { head: 'images', align: 'right' },
  { head: 'score', align: 'right' },
  { head: 'map', align: 'right' },
  { head: 'mask', align: 'right' },
  { head: 'other product', align: 'right' },
] as const

/** Largest differences, one line per provider. */
export function parityTable(rows: readonly CardParity[], head = 'against the CPU'): string[] {
  return renderTable([{ head }, ...columns], rows.map(cellsOf))
}

/** The lines that `assay check` prints. */
export function summariseCheck({ model, allowed, providers }: CheckResult): string[] {
  const limits = ['allowed', '', ...[allowed.score, allowed.map, allowed.mask].map(formatDifference), '0', '']
  return [
    printable(model),
    '',
    ...renderTable(
      [{ head: 'against the CPU' }, ...columns, { head: '' }],
      [...providers.map((row) => [...cellsOf(row), row.holds ? 'same' : 'DIFFERS']), limits],
    ),
  ]
}

function cellsOf({ provider, images, score, map, mask, misrouted }: CardParity): string[] {
  return [provider, String(images), ...[score, map, mask].map(formatDifference), String(misrouted)]
}

function formatDifference(value: number): string {
  return value === 0 ? '0' : value.toExponential(1)
}
