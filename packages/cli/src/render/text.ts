/** Text for terminals: colour where it is wanted, and no control characters from file names. */
import { styleText } from 'node:util'
import type { Host, TextOutput } from '../host.ts'

type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold'

/** Paints text when the output is a terminal. NO_COLOR turns it off, FORCE_COLOR on. */
export function createPaint(output: TextOutput, env: Host['env']): (colour: Colour, text: string) => string {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
  const refused = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || env['FORCE_COLOR'] === '0'
  const isOn = forced || (output.isTTY === true && !refused)
  return (colour, text) => (isOn ? styleText(colour, text, { validateStream: false }) : text)
}

/** The text with control characters made visible, so that a file name cannot steer the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** "1 image", "2 images". */
export function countOf(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** A length of time in the two units that matter: "8 s", "2 min 05 s", "1 h 12 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** A size of a file, in decimal units: "4.6 MB". */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A raw score with about four digits. */
export function formatScore(score: number): string {
  if (!Number.isFinite(score)) return String(score)
  const size = Math.abs(score)
  return score.toFixed(
    size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.1 || size === 0 ? 3 : 5,
  )
}

/** A share from 0 to 1 as "97.3", or "–" for none. */
export function formatPercent(share: number | null): string {
  return share === null ? '–' : (share * 100).toFixed(1)
}
