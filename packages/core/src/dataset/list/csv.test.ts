import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCsv } from './csv.ts'

const cell = fc.string({ unit: fc.constantFrom('a', '1', ' ', ',', '"', '\n', '\r', 'é'), maxLength: 5 })

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

test('whatever cells hold, they come back as they were written', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.boolean(),
      (rows, ending, endsWithBreak) => {
        const text = rows.map((row) => row.map(quote).join(',')).join(ending) + (endsWithBreak ? ending : '')
        // A record of one empty cell is an empty line, and those are none.
        const expected = rows.filter((row) => row.length > 1 || row[0] !== '')
        expect(parseCsv(text).map((record) => record.cells)).toEqual(expected)
      },
    ),
    { numRuns: 1000 },
  )
})

test('a record knows the line it begins on, past empty lines and breaks inside quotes', () => {
  expect(parseCsv('\uFEFFa,b\r\n\r\n"1\r\n2",3\r\n4,')).toEqual([
    { line: 1, cells: ['a', 'b'] },
    { line: 3, cells: ['1\r\n2', '3'] },
    { line: 5, cells: ['4', ''] },
  ])
})

test.each([
  ['a\n"b', 2, 'a quote is not closed'],
  ['a\n"b"c', 2, 'text follows a closing quote'],
  ['a\n\nb"c', 3, 'a quote stands inside a cell'],
])('quotes that do not fit are told with their line: %j', (text, line, message) => {
  expect(() => parseCsv(text)).toThrow(expect.objectContaining({ line, message }))
})
