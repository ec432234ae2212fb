import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { readBytes, readChoice, readTexts, readWhole } from './flags.ts'

test.each([
  ['2GB', 2e9],
  ['500MB', 5e8],
  ['1.5GiB', 1.5 * 1024 ** 3],
  ['64k', 64_000],
  ['1000000', 1e6],
  ['2 gb', 2e9],
])('%s is an amount of memory', (memory, bytes) => {
  expect(readBytes({ memory }, 'memory')).toBe(bytes)
})

test.each(['', '0', 'GB', '2XB', '-2GB', '1e9', '2GBs', '٣GB'])('%j is no amount of memory', (memory) => {
  expect(() => readBytes({ memory }, 'memory')).toThrow('is not valid for --memory')
})

test('a whole number is read whole or not at all', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String)), (seed) => {
      let value: number | undefined
      try {
        value = readWhole({ seed }, 'seed', 0, 1000)
      } catch {
        return
      }
      expect(String(value)).toBe(seed.replace(/^0+(?=\d)/, ''))
      expect(value).toBeLessThanOrEqual(1000)
    }),
  )
})

test('what was not given is undefined, never a default', () => {
  expect(readWhole({}, 'seed', 0, 9)).toBeUndefined()
  expect(readChoice({}, 'profile', ['fast'])).toBeUndefined()
  expect(readTexts({}, 'product')).toBeUndefined()
})

test('options of two words are found, repeated products count once', () => {
  expect(readWhole({ maxPixels: '7' }, 'max-pixels', 1, 9)).toBe(7)
  expect(readTexts({ product: ['a', 'b', 'a'] }, 'product')).toEqual(['a', 'b'])
})
