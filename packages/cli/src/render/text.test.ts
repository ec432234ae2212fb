import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteWords } from './quote.ts'
import { renderTable } from './table.ts'
import { createPaint, formatBytes, formatDuration, formatScore, printable } from './text.ts'

test('a file name cannot clear the screen or ring the bell', () => {
  expect(printable('a\u001b[2J\u0007\nb\u009b')).toBe('a\\x1b[2J\\x07\\x0ab\\x9b')
})

test('durations and sizes are said in the units that matter', () => {
  expect([0, 59.4, 59.6, 125, 3599.7, 4320].map(formatDuration)).toEqual([
    '0 s',
    '59 s',
    '1 min 00 s',
    '2 min 05 s',
    '1 h 00 min',
    '1 h 12 min',
  ])
  expect([0, 999, 1000, 4_620_000, 123_456_789, 999_999_999].map(formatBytes)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.0 kB',
    '4.6 MB',
    '123 MB',
    '1.0 GB',
  ])
})

test('scores keep about four digits', () => {
  expect([3.14159, 31.4159, 1234.5, 0.00123, -2.5, 0].map(formatScore)).toEqual([
    '3.142',
    '31.42',
    '1235',
    '0.00123',
    '-2.500',
    '0.000',
  ])
})

test('numbers stand under each other and no line ends in blanks', () => {
  const lines = renderTable(
    [{ head: 'product' }, { head: 'AUROC', align: 'right' }, { head: 'note' }],
    [
      ['a', '97.1', ''],
      ['longer name', '100.0', 'x'],
    ],
  )
  expect(lines).toEqual(['product      AUROC  note', 'a             97.1', 'longer name  100.0  x'])
})

test('colour follows the terminal, NO_COLOR and FORCE_COLOR', () => {
  const output = (isTTY: boolean) => ({ write: () => true, isTTY })
  expect(createPaint(output(false), {})('red', 'x')).toBe('x')
  expect(createPaint(output(true), {})('red', 'x')).toBe('\u001b[31mx\u001b[39m')
  expect(createPaint(output(true), { NO_COLOR: '1' })('red', 'x')).toBe('x')
  expect(createPaint(output(false), { FORCE_COLOR: '1' })('red', 'x')).toBe('\u001b[31mx\u001b[39m')
})

test('quoted words come back from a shell as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
      expect(unquote(quoteWords(words))).toEqual(words)
    }),
  )
})

/** Takes a line apart as a POSIX shell does, for single quotes and backslashes. */
function unquote(line: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (let i = 0; i < line.length; i++) {
    if (line[i] === "'") {
      const end = line.indexOf("'", i + 1)
      word = (word ?? '') + line.slice(i + 1, end)
      i = end
    } else if (line[i] === '\\') word = (word ?? '') + line[++i]
    else if (line[i] === ' ') {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + line[i]
  }
  return word === undefined ? words : [...words, word]
}
