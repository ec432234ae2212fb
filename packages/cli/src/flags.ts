/** Reads option values: each as what it is, or an error that says what it takes. */
import { AssayError, parseRate, suggest } from '@assay/contract'
import type { Flags } from './program.ts'

/** The text given for `--name`, or undefined. A value that looks like an option was forgotten. */
export function readText(flags: Flags, name: string): string | undefined {
  const value = flags[camelCase(name)]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw new Error(`internal: the option --${name} is not text`)
  return checkText(name, value)
}

/** All texts given for a repeatable option, or undefined for none. */
export function readTexts(flags: Flags, name: string): string[] | undefined {
  const value = flags[camelCase(name)]
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw new Error(`internal: the option --${name} is not a list`)
  return [...new Set(value.map((v) => checkText(name, String(v))))]
}

/** Whether a switch was given. */
export function readSwitch(flags: Flags, name: string): boolean {
  return flags[camelCase(name)] === true
}

/** One of a few words; anything else suggests the nearest. */
export function readChoice<T extends string>(
  flags: Flags,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = readText(flags, name)
  return value === undefined ? undefined : findChoice(name, value, choices)
}

/** Some of a few words, with commas between them. */
export function readChoices<T extends string>(
  flags: Flags,
  name: string,
  choices: readonly T[],
): readonly T[] | undefined {
  return readText(flags, name)
    ?.split(',')
    .map((word) => findChoice(name, word.trim(), choices))
}

function findChoice<T extends string>(name: string, value: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === value)
  if (found !== undefined) return found
  const near = suggest(value, choices)
  const meant = near === undefined ? '' : `, perhaps "${near}"`
  const reason = `it is one of ${choices.join(', ')}${meant}`
  throw new AssayError('OPTION_INVALID', { option: `--${name}`, value, reason })
}

/** A whole number within limits. */
export function readWhole(flags: Flags, name: string, least: number, most: number): number | undefined {
  const value = readText(flags, name)
  if (value === undefined) return undefined
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN
  if (number >= least && number <= most) return number
  const reason = `a whole number from ${least} to ${most} is needed`
  throw new AssayError('OPTION_INVALID', { option: `--${name}`, value, reason })
}

/** A rate such as "1 in 500", 0.2% or 0.002, as a share. */
export function readRate(flags: Flags, name: string, most: number): number | undefined {
  const value = readText(flags, name)
  if (value === undefined) return undefined
  const share = parseRate(value)
  if (share !== undefined && share >= 0.00001 && share <= most) return share
  const reason = `a rate of at most ${most}, such as "1 in 500", 0.2% or 0.002, is needed`
  throw new AssayError('OPTION_INVALID', { option: `--${name}`, value, reason })
}

/** A rate, or null for the word "none". */
export function readRateOrNone(flags: Flags, name: string, most: number): number | null | undefined {
  return readText(flags, name) === 'none' ? null : readRate(flags, name, most)
}

/** An amount of memory such as 512MB, 2GB or 1.5GiB, in bytes. */
export function readBytes(flags: Flags, name: string): number | undefined {
  const value = readText(flags, name)
  if (value === undefined) return undefined
  const match = /^(\d{1,9}(?:\.\d{1,9})?) ?([kmgt])?(i)?b?$/i.exec(value)
  if (match !== null) {
    const [, amount, letter = '', binary] = match
    const power = letter === '' ? 0 : 'kmgt'.indexOf(letter.toLowerCase()) + 1
    const bytes = Math.round(Number(amount) * (binary === undefined ? 1000 : 1024) ** power)
    if (bytes > 0) return bytes
  }
  throw new AssayError('OPTION_INVALID', {
    option: `--${name}`,
    value,
    reason: 'an amount such as 500MB or 2GB is needed',
  })
}

function checkText(name: string, value: string): string {
  if (value === '')
    throw new AssayError('OPTION_INVALID', { option: `--${name}`, value, reason: 'it is empty' })
  if (value.startsWith('--'))
    throw new AssayError('USAGE', { reason: `The option --${name} needs a value, but "${value}" follows` })
  return value
}

/** As commander names the value of an option. */
function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
