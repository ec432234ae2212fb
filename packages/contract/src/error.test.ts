import { expect, test } from 'vitest'
import { AssayError, errorTable, reasonOf } from './error.ts'
import { suggest } from './suggest.ts'

test('an error says what is wrong with the place, then what to do, and keeps its cause', () => {
  const cause = new Error('premature end')
  const error = new AssayError(
    'IMAGE_UNREADABLE',
    { path: 'line-07/0142.tif', reason: 'premature end' },
    { cause },
  )
  expect(error.message).toBe('Cannot decode line-07/0142.tif: premature end.')
  expect(error.hint).toContain('PNG')
  expect([error.exit, error.http, error.cause]).toEqual([65, 422, cause])
  expect(error).toBeInstanceOf(Error)
})

test('every code has an exit code that is neither success nor the code of a crash', () => {
  for (const [code, { exit, http }] of Object.entries(errorTable)) {
    expect([exit > 1 && exit < 256, http >= 400 && http < 600], code).toEqual([true, true])
  }
})

test('the reason of a foreign error is its first line without a full stop', () => {
  expect(reasonOf(new Error('bad seek.\n    at decoder.cc:3'))).toBe('bad seek')
  expect(reasonOf('plain')).toBe('plain')
})

test('a slip of the hand finds its word, another word does not', () => {
  const known = ['--method', '--profile', '--product', '--seed']
  expect(suggest('--metod', known)).toBe('--method')
  expect(suggest('--prodcut', known)).toBe('--product')
  expect(suggest('--verbose', known)).toBeUndefined()
  expect(suggest('x', [])).toBeUndefined()
})
