import type { Tensor } from '@assay/graph'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { openCheckpoint } from './open.ts'
import { writeSafetensors } from './safetensors.ts'

const file = (header: unknown, dataBytes: number): Uint8Array => {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const out = new Uint8Array(8 + json.length + dataBytes)
  new DataView(out.buffer).setUint32(0, json.length, true)
  out.set(json, 8)
  return out
}
const entry = (start: number, end: number, shape: unknown = [(end - start) / 4], dtype = 'F32'): unknown => ({
  dtype,
  shape,
  data_offsets: [start, end],
})

test('what was written is read back, in order and with its metadata', async () => {
  const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 3 })
  const tensor = fc
    .tuple(shape, fc.constantFrom('float32', 'uint8', 'int64', 'float16'))
    .map(([shape, dtype]): Tensor => {
      const count = shape.reduce((n, d) => n * d, 1)
      const numbers = Array.from({ length: count }, (_, i) => i)
      const data =
        dtype === 'float32'
          ? Float32Array.from(numbers)
          : dtype === 'uint8'
            ? Uint8Array.from(numbers)
            : dtype === 'int64'
              ? BigInt64Array.from(numbers, BigInt)
              : Uint16Array.from(numbers)
      return { dtype, shape, data }
    })
  const names = fc.stringMatching(/^[a-z.é]{1,12}$/)
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(names, tensor), { selector: ([n]) => n, maxLength: 6 }),
      async (list) => {
        const tensors = new Map(list)
        await using back = await openCheckpoint(writeSafetensors(tensors, { licence: 'Apache-2.0' }))
        expect(back.names()).toEqual([...tensors.keys()])
        expect(back.metadata).toEqual({ licence: 'Apache-2.0' })
        for (const [name, want] of tensors) expect(await back.tensor(name)).toEqual(want)
      },
    ),
    { seed: 8, numRuns: 200 },
  )
})

test.each<[string, Uint8Array, string]>([
  ['a header beyond the file', file({ a: entry(0, 8) }, 8).subarray(0, 20), 'points at bytes'],
  [
    'a header that claims gigabytes',
    Uint8Array.of(0, 0, 0, 255, 0, 0, 0, 0, 0x7b),
    'its header claims 4278190080 bytes',
  ],
  ['a header that is not JSON', file('{"a": ', 0), 'not JSON'],
  ['a gap', file({ a: entry(0, 4), b: entry(8, 12) }, 12), 'a gap or an overlap at byte 4'],
  ['an overlap', file({ a: entry(0, 8), b: entry(4, 12) }, 12), 'a gap or an overlap'],
  ['data that nothing describes', file({ a: entry(0, 4) }, 8), 'describes 4 bytes of data, but 8 follow'],
  ['data that is cut', file({ a: entry(0, 8) }, 4), 'describes 8 bytes of data, but 4 follow'],
  ['a shape that does not fit its bytes', file({ a: entry(0, 8, [3]) }, 8), 'has 8 bytes for shape [3]'],
  ['a shape that overflows', file({ a: entry(0, 8, [2 ** 40, 2 ** 40]) }, 8), 'for shape'],
  ['a negative size', file({ a: entry(0, 4, [-1]) }, 4), 'no proper shape'],
  ['offsets the wrong way round', file({ a: entry(4, 0) }, 4), 'no proper'],
  ['an unknown type', file({ a: entry(0, 4, [4], 'F8_E4M3') }, 4), '"F8_E4M3", which is not read'],
  ['metadata that is not text', file({ __metadata__: { a: 1 } }, 0), 'not a table of texts'],
])('%s is unreadable', async (_, bytes, reason) => {
  const error: unknown = await openCheckpoint(bytes).catch((e: unknown) => e)
  expect(error).toMatchObject({
    code: 'WEIGHTS_UNREADABLE',
    params: { reason: expect.stringContaining(reason) as string },
  })
})
