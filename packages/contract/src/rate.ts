/**
 * Rates as people say them: "1 in 500", "0.2%", 0.002. All are shares from 0 to 1.
 */

/** A share above 0 and below 1, or undefined for text that names none. */
export function parseRate(text: string): number | undefined {
  const plain = text.trim().toLowerCase()
  const oneIn = /^(\d+(?:\.\d+)?)\s+in\s+(\d[\d,]*(?:\.\d+)?)$/.exec(plain)
  const percent = /^(\d*\.?\d+)\s*%$/.exec(plain)
  const number = /^\d*\.?\d+(?:e-?\d+)?$/.exec(plain)
  let share = NaN
  if (oneIn !== null) share = Number(oneIn[1]) / Number(oneIn[2]?.replaceAll(',', ''))
  else if (percent !== null) share = Number(percent[1]) / 100
  else if (number !== null) share = Number(plain)
  return share > 0 && share < 1 ? share : undefined
}

/** "1 in 500" where that is exact, else percent: "15 %". */
export function formatRate(share: number): string {
  const count = Math.round(1 / share)
  if (count > 1 && Math.abs(share * count - 1) < 1e-6) return `1 in ${count.toLocaleString('en-GB')}`
  return `${Number((share * 100).toPrecision(3))} %`
}

/** The next larger rate that `formatRate` shows in full, so that a promise never looks better than it is. */
export function roundRateUp(share: number): number {
  return share <= 0.5 ? 1 / Math.floor(1 / share + 1e-9) : Math.min(1, Math.ceil(share * 100 - 1e-9) / 100)
}
