/**
 * Files that are whole but say wrong things: seeded, thousands of each kind. Sizes, places, types and names are
 * drawn so that some files are right; what is read from those is compared with a plain reading of the bytes.
 */
import { readFileSync } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createTestFolder } from '../testing/folder.ts'
import { drain } from '../testing/drain.ts'
import { addWeights } from './cache/add.ts'
import { readAll, type Outcome } from './testing/outcome.ts'
import { concat, field, operatorSet, varintField } from './testing/protobuf.ts'
import { publish } from './testing/published.ts'

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../../../fixtures/weights/${name}`, import.meta.url)))

/** Runs so many drawn inputs; both endings must have come up, or the drawing is at fault. */
async function runAll<T>(
  given: fc.Arbitrary<T>,
  numRuns: number,
  judge: (value: T) => Promise<Outcome>,
): Promise<void> {
  const seen = new Set<Outcome>()
  const property = fc.asyncProperty(given, async (value) => void seen.add(await judge(value)))
  await fc.assert(property, { seed: 20263, numRuns })
  expect(seen).toContain('read')
  expect(seen).toContain('WEIGHTS_UNREADABLE')
}

const awkward = fc.constantFrom(0, 1, 2, 3, 4, 8, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300)
const side = fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: awkward })

test('safetensors: lengths, places, shapes and types at odds with each other', async () => {
  const widths = { F32: 4, U8: 1, BF16: 2, I64: 8, F8_E4M3: 1, f32: 4, '': 1 }
  const entry = fc.record({
    dtype: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('F32', 'U8', 'BF16') },
      { weight: 1, arbitrary: fc.constantFrom('I64', 'F8_E4M3', 'f32', '') },
    ),
    shape: fc.array(side, { maxLength: 3 }),
    // Moves of the two ends against where they should be.
    slip: fc.oneof(
      { weight: 9, arbitrary: fc.constant([0, 0] as const) },
      { weight: 1, arbitrary: fc.tuple(fc.integer({ min: -4, max: 4 }), awkward) },
    ),
  })
  const file = fc.record({
    entries: fc.array(entry, { maxLength: 4 }),
    tail: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 9 }) }),
    header: fc.oneof(
      { weight: 9, arbitrary: fc.constant(0n) },
      { weight: 1, arbitrary: fc.constantFrom(1n, -1n, 8n, 2n ** 32n, 2n ** 62n) },
    ),
  })
  await runAll(file, 1500, async ({ entries, tail, header }) => {
    const table: Record<string, unknown> = {}
    let end = 0
    for (const [i, { dtype, shape, slip }] of entries.entries()) {
      const bytes = shape.reduce((n, d) => n * d, widths[dtype])
      table[`t${i}`] = { dtype, shape, data_offsets: [end + slip[0], end + bytes + slip[1]] }
      if (Number.isSafeInteger(bytes) && bytes >= 0 && bytes < 1000) end += bytes
    }
    const json = new TextEncoder().encode(JSON.stringify(table))
    const length = new Uint8Array(8)
    new DataView(length.buffer).setBigUint64(0, BigInt.asUintN(64, BigInt(json.length) + header), true)
    const data = Uint8Array.from({ length: end + tail }, (_, i) => i * 7)
    return readAll(concat(length, json, data), (name, tensor) => {
      const at = (table[name] as { data_offsets: [number, number] }).data_offsets
      if (tensor.dtype === 'uint8') expect(tensor.data).toEqual(data.slice(...at))
    })
  })
})

test('onnx: sizes, types and fields at odds with each other', async () => {
  const tensor = fc.record({
    dims: fc.array(fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 3 }) }, fc.constantFrom(-1, 2 ** 40)), {
      maxLength: 3,
    }),
    type: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(1, 2, 7, 16) }, fc.nat({ max: 30 })),
    name: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e') },
      fc.constantFrom('', 'x'.repeat(2000)),
    ),
    holder: fc.oneof(
      { weight: 9, arbitrary: fc.constant(9) },
      fc.constantFrom(3, 4, 5, 6, 7, 10, 11, 13, 14),
    ),
    slip: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.integer({ min: -3, max: 3 })),
  })
  const model = fc.record({
    tensors: fc.uniqueArray(tensor, { maxLength: 4, selector: ({ name }) => name }),
    cut: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat({ max: 20 })),
  })
  const widths: Record<number, number> = { 1: 4, 2: 1, 7: 8, 16: 2 }
  await runAll(model, 1500, async ({ tensors, cut }) => {
    const fields = tensors.map(({ dims, type, name, holder, slip }) => {
      const bytes = dims.reduce((n, d) => n * d, widths[type] ?? 1) + slip
      const data = Uint8Array.from({ length: Math.min(1000, Math.max(0, bytes)) }, (_, i) => i * 7)
      const parts = [
        ...dims.map((d) => varintField(1, d)),
        varintField(2, type),
        field(8, name),
        field(holder, data),
      ]
      return field(5, concat(...parts))
    })
    const bytes = concat(varintField(1, 9), field(7, concat(field(2, 'g'), ...fields)), operatorSet)
    return readAll(bytes.slice(0, bytes.length - cut), (_, { dtype, data }) => {
      if (dtype === 'uint8')
        expect(Array.from(data, Number)).toEqual(Array.from({ length: data.length }, (_v, i) => i * 7))
    })
  })
})

test('zip: directories that lie about sizes, places, packing and names', async () => {
  // Offsets in an entry of the directory, and how wide they are (APPNOTE.TXT 4.3.12).
  const fields = [
    [8, 2],
    [10, 2],
    [16, 4],
    [20, 4],
    [24, 4],
    [28, 2],
    [30, 2],
    [32, 2],
    [42, 4],
    [46, 1],
  ] as const
  const change = fc.record({
    entry: fc.nat({ max: 40 }),
    place: fc.constantFrom(...fields),
    to: fc.oneof(fc.constantFrom(0, 1, 8, 0xffff, 0xffffffff, 0xfffffff0), fc.nat({ max: 5000 })),
  })
  const files = [fixture('zip.pt'), fixture('deflated.pt')]
  const drawn = fc.tuple(fc.constantFrom(...files), fc.array(change, { maxLength: 2 }))
  await runAll(drawn, 400, async ([whole, changes]) => {
    const bytes = whole.slice()
    const view = new DataView(bytes.buffer)
    const heads = [...bytes.keys()].filter(
      (at) => at + 46 < bytes.length && view.getUint32(at, true) === 0x02014b50,
    )
    for (const { entry, place, to } of changes) {
      const at = heads[entry % heads.length]! + place[0]
      if (place[1] === 4) view.setUint32(at, to, true)
      else if (place[1] === 2) view.setUint16(at, to, true)
      else view.setUint8(at, to)
    }
    return readAll(bytes)
  })
})

test('pickle: containers in themselves and in each other, and tensors that reach anywhere', async () => {
  const op = fc.oneof(
    fc.constantFrom(']', ']', '}', '(', 'l', 'e', 'a', 't', 'u', 's', '0', '2', 'N', ')', '\x85', '\x86'),
    fc.nat({ max: 3 }).map((i) => `q${String.fromCharCode(i)}`),
    fc.nat({ max: 3 }).map((i) => `h${String.fromCharCode(i)}`),
    fc.constantFrom(
      'K\x01',
      'X\x01\0\0\0k',
      'R',
      'Q',
      'ctorch._utils\n_rebuild_tensor_v2\n',
      'ctorch\nFloatStorage\n',
    ),
    fc.constantFrom('cos\nsystem\n', 'b', '\x81', 'Y', '\x82\x01'),
  )
  // A few that are right, so that what follows the object is reached.
  const nested = fc.nat({ max: 90 }).map((depth) => ']'.repeat(depth + 1) + 'a'.repeat(depth))
  const ring = fc.constantFrom(']q\0h\0a', '}q\0K\x01h\0s', ']q\0]q\x01h\0ah\x01a')
  const program = fc.oneof(
    { weight: 6, arbitrary: fc.array(op, { maxLength: 40 }).map((ops) => ops.join('')) },
    { weight: 1, arbitrary: nested },
    { weight: 1, arbitrary: ring },
  )
  const legacy = fixture('legacy.pth')
  const afterHead = objectStart(legacy)
  const latin = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))
  await runAll(program, 2000, (ops) =>
    readAll(concat(legacy.subarray(0, afterHead), latin(`\x80\x02${ops}.`), latin('\x80\x02].'))),
  )
})

test('whatever is added, nothing is written but in the cache', async () => {
  await using folder = await createTestFolder()
  const place = { cache: folder.at('cache'), catalogue: [publish(fixture('zip.pt'))] }
  const files = ['zip.pt', 'deflated.pt', 'legacy.pth', 'plain.safetensors', 'raw.onnx'].map(fixture)
  const drawn = fc.record({ file: fc.constantFrom(...files), at: fc.nat(), to: fc.nat({ max: 255 }) })
  const input = folder.at('input')
  await runAll(drawn, 100, async ({ file, at, to }) => {
    const bytes = file.slice()
    bytes[at % bytes.length] = to
    await writeFile(input, bytes)
    const outcome = await readAll(bytes)
    const adding = drain(addWeights('net-a', input, { ...place, check: () => undefined }))
    if (outcome === 'read') await adding
    else await expect(adding).rejects.toMatchObject({ code: outcome })
    return outcome
  })
  expect((await readdir(folder.path)).sort()).toEqual(['cache', 'input'])
  expect(await readdir(folder.at('cache'))).toEqual(['weights'])
  expect(await readdir(folder.at('cache/weights'))).toEqual(['net-a'])
  expect(await readdir(folder.at('cache/weights/net-a'))).toHaveLength(2)
})

/** Where the object begins in a legacy file: behind the magic number, the protocol and the system. */
function objectStart(legacy: Uint8Array): number {
  const starts = [...legacy.keys()].filter((at) => legacy[at] === 0x80 && legacy[at + 1] === 2)
  return starts[3] ?? 0
}
