import { expect, test } from 'vitest'
import { parseBench } from './bench.ts'

test('a file with nothing but sets compares both methods once', () => {
  expect(parseBench({ sets: { caps: '../caps' } }, 'b.yaml')).toEqual({
    sets: { caps: '../caps' },
    methods: ['cras', 'patchcore'],
    profiles: ['balanced'],
    backbones: null,
    seeds: [0],
    recipe: {},
    threads: 1,
    workers: 1,
  })
})

test.each([
  [null, '"sets"', 'expected record'],
  [{ sets: {} }, '"sets"', 'one set or more is needed'],
  [{ sets: { 'a/b': 'x' } }, '"sets.a/b"', 'a name is letters'],
  [{ sets: { a: 'x' }, sedes: [1] }, '"sedes"', 'perhaps "seeds" was meant'],
  [{ sets: { a: 'x' }, seeds: [] }, '"seeds"', ''],
  [{ sets: { a: 'x' }, methods: ['crass'] }, '"methods.0"', 'cras'],
  [{ sets: { a: 'x' }, workers: 0 }, '"workers"', ''],
])('what does not fit is named with its key: %j', (value, key, reason) => {
  expect(() => parseBench(value, 'b.yaml')).toThrow(`b.yaml does not fit at ${key}`)
  expect(() => parseBench(value, 'b.yaml')).toThrow(reason)
})

test('a mistyped key of the recipe is an error of the recipe, not "default"', () => {
  const value = { sets: { a: 'x' }, recipe: { memory: { sise: 3 } } }
  expect(() => parseBench(value, 'b.yaml')).toThrow('Unknown recipe key "memory.sise"')
})
