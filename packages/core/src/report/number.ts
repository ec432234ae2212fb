/** Numbers as a reader wants them: scores with the same decimals down a column, shares as percentages. */

/** Decimals that show about four digits of the largest value, so that a column lines up. */
export function decimalsFor(values: Iterable<number>): number {
  let largest = 0
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value))
  if (largest === 0) return 2
  return Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(largest))))
}

/** A score with fixed decimals and a true minus sign. */
export function formatScore(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : 'not a number'
  const text = value.toFixed(decimals)
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−')
}

/** A share from 0 to 1 as a percentage, such as "98.4 %" (with a no-break space). */
export function formatShare(share: number, decimals = 1): string {
  return `${(share * 100).toFixed(decimals)}\u00a0%`
}

/** A metric from 0 to 1 in percent without the sign, or a dash for one that the data cannot give. */
export function formatMetric(value: number | null): string {
  return value === null ? '–' : (value * 100).toFixed(1)
}

/** A whole number in groups of three with narrow no-break spaces, such as "12 430". */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')
}

/** "1 image", "2 images". */
export function countOf(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
