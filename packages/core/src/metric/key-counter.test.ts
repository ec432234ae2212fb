import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyCounter } from './key-counter.ts'
import { KeyCursor } from './key-cursor.ts'
import { bitsOfKey } from './radix-sort.ts'

function count(keys: readonly number[]) {
  const counter = new KeyCounter()
  // In two parts, as maps come one after the other.
  const half = Math.floor(keys.length / 2)
  for (const part of [keys.slice(0, half), keys.slice(half)])
    counter.countAll(Uint32Array.from(part, (key) => bitsOfKey(key)))
  return counter.finish()
}

/** All keys in the order in which a cursor passes them, each step to the next key only. */
function walk(keys: readonly number[]): number[] {
  const cursor = new KeyCursor(count(keys))
  const walked: number[] = []
  for (let key = cursor.next; key !== Infinity; key = cursor.next) {
    const passed = cursor.passBelow(key + 1)
    expect(cursor.last).toBe(key)
    for (let i = 0; i < passed; i++) walked.push(key)
  }
  return walked
}

const sorted = (keys: readonly number[]): number[] => [...keys].sort((a, b) => a - b)

// Near each other and far apart, at the ends of buckets and of all keys. No key of NaN is among them.
const anyKey = fc.oneof(
  fc.integer({ min: 0x00800000, max: 0xff7fffff }).filter((key) => key !== 0x80000000), // -0 is +0
  fc.integer({ min: 0x40000000, max: 0x40000010 }),
  fc.constantFrom(0x4000ffff, 0x40010000, 0x4001ffff, 0xff7fffff),
)

test('every key comes out as often as it went in, in rising order', () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 60 }), (keys) => {
      expect(walk(keys)).toEqual(sorted(keys))
    }),
  )
})

test('a cursor passes the keys below any rising places, wherever those lie', () => {
  fc.assert(
    fc.property(fc.array(anyKey, { maxLength: 60 }), fc.array(anyKey, { maxLength: 20 }), (keys, places) => {
      const cursor = new KeyCursor(count(keys))
      let passed = 0
      for (const place of [...sorted(places), Infinity]) {
        passed += cursor.passBelow(place)
        const below = keys.filter((key) => key < place)
        expect(passed).toBe(below.length)
        expect(cursor.last).toBe(Math.max(-1, ...below))
      }
    }),
  )
})

test('so many keys that lists become tables are counted as exactly as few', () => {
  // Three buckets: one beyond its list, one beyond slots only, one with few; and one key that is most of all.
  const keys: number[] = []
  for (let i = 0; i < 150_000; i++) keys.push(0x40000000 + ((i * 7919) % 65_536))
  for (let i = 0; i < 9_000; i++) keys.push(0x50000000 + ((i * 104_729) % 65_536))
  for (let i = 0; i < 200_000; i++) keys.push(0x60000007)
  keys.push(0x60000006, 0x6000ffff)
  const counts = count(keys)
  expect(counts.buckets.map(({ table }) => table !== null)).toEqual([true, false, true])
  expect(counts.length).toBe(keys.length)
  expect(walk(keys).join()).toBe(sorted(keys).join())
})

test('nothing counted is nothing to pass', () => {
  const cursor = new KeyCursor(count([]))
  expect([cursor.next, cursor.passBelow(Infinity), cursor.last]).toEqual([Infinity, 0, -1])
})
