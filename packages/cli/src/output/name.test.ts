import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { planNames } from './name.ts'

test('the folders of the input are kept and the ending goes', () => {
  expect(planNames(['left/0001.png', 'right/0001.png', 'a.b/c.d.jpeg'])).toEqual([
    'left/0001',
    'right/0001',
    'a.b/c.d',
  ])
})

test('two formats of one picture keep their endings', () => {
  expect(planNames(['a/1.png', 'a/1.jpg', 'a/2.png'])).toEqual(['a/1.png', 'a/1.jpg', 'a/2'])
})

test('the same name from two paths gets a number', () => {
  expect(planNames(['1.png', '1.png', '1.png'])).toEqual(['1.png', '1.png-2', '1.png-3'])
})

test('names that differ only in case do not meet on Windows or macOS', () => {
  const names = planNames(['A.png', 'a.png'])
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(2)
})

test('a name that is all ending is kept', () => {
  expect(planNames(['.png', 'x/.jpg'])).toEqual(['.png', 'x/.jpg'])
})

test('no two images ever share a name, however they are called', () => {
  const part = fc.oneof(
    fc.constantFrom('1', 'a', 'A', '1.png-2', '1-2', 'é', 'e\u0301'),
    fc.string({ minLength: 1, maxLength: 300 }).filter((s) => !/[/\0]/.test(s)),
  )
  const path = fc
    .tuple(fc.array(part, { maxLength: 2 }), part, fc.constantFrom('.png', '.jpg', ''))
    .map(([above, stem, end]) => [...above, stem + end].join('/'))
  fc.assert(
    fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
      const names = planNames(paths)
      expect(names).toHaveLength(paths.length)
      expect(new Set(names.map((name) => name.normalize('NFC').toLowerCase())).size).toBe(paths.length)
      for (const name of names) {
        for (const part of name.split('/')) expect(Buffer.byteLength(part)).toBeLessThan(240)
      }
    }),
  )
})
