/**
 * Damaged files: thousands of seeded mutations and truncations of real ones. Each is read or turned down with
 * one of the two codes; nothing else is thrown, nothing hangs, and no tensor is larger than its file allows.
 */
import { readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { readAll, type Outcome } from './testing/outcome.ts'

const folder = new URL('../../../../fixtures/weights/', import.meta.url)
const names = [
  'zip.pt',
  'zip-protocol4.pt',
  'legacy.pth',
  'deflated.pt',
  'nested.pt',
  'nested-legacy.pth',
  'plain.safetensors',
  'eval-legacy.pth',
  'os-system.pt',
  'raw.onnx',
  'typed.onnx',
]
const files = names.map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))] as const)

let inputs = 0

const outcomeOf = (bytes: Uint8Array): Promise<Outcome> => {
  inputs++
  return readAll(bytes)
}

test.each(files)('%s, cut at any byte, is turned down', async (_, whole) => {
  for (let length = 0; length < whole.length; length += whole.length > 2000 ? 3 : 1)
    expect(await outcomeOf(whole.slice(0, length))).not.toBe('read')
})

test.each(files)('%s with a few bytes changed is read or turned down', async (_, whole) => {
  const change = fc.record({
    at: fc.nat({ max: whole.length - 1 }),
    to: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 127, 128, 255)),
  })
  const seen = new Set<Outcome>()
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const bytes = whole.slice()
      for (const { at, to } of changes) bytes[at] = to
      seen.add(await outcomeOf(bytes))
    }),
    { seed: 20260, numRuns: 600 },
  )
  expect(seen).toContain('WEIGHTS_UNREADABLE')
})

test.each(files)('%s with a piece taken out, doubled or moved is read or turned down', async (_, whole) => {
  const place = fc.nat({ max: whole.length })
  await fc.assert(
    fc.asyncProperty(place, place, place, async (a, b, c) => {
      const [from, to] = a < b ? [a, b] : [b, a]
      const piece = whole.subarray(from, Math.min(to, from + 200))
      const parts =
        c % 2 === 0
          ? [whole.subarray(0, from), whole.subarray(to)]
          : [whole.subarray(0, c), piece, whole.subarray(c)]
      await outcomeOf(Uint8Array.from(Buffer.concat(parts)))
    }),
    { seed: 20261, numRuns: 350 },
  )
})

test('random bytes behind each kind of first bytes are turned down', async () => {
  const heads = [[0x50, 0x4b, 3, 4], [0x80, 2], [0x80, 4, 0x95], [40, 0, 0, 0, 0, 0, 0, 0, 0x7b], [8, 9], []]
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), async (head, tail) => {
      expect(await outcomeOf(new Uint8Array([...head, ...tail]))).not.toBe('read')
    }),
    { seed: 20262, numRuns: 1500 },
  )
})

test('that were more than ten thousand inputs', () => {
  expect(inputs).toBeGreaterThan(10_000)
})
