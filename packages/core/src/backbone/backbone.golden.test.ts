/** The embedded backbones on onnxruntime, against PyTorch (tools/golden/backbone.py). */
import { readFileSync } from 'node:fs'

import { createGraph, writeOnnx, type Tensor } from '@assay/graph'
import { describe, expect, test } from 'vitest'

import { openSession, type Device } from '../runtime/index.ts'
import { openBackbone } from './backbone.ts'
import { findBackbone } from './catalogue.ts'
import { normaliseImage } from './input.ts'

interface TapSample {
  readonly shape: number[]
  readonly meanAbs: number
  readonly maxAbs: number
  readonly places: number[]
  readonly values: number[]
}
interface Golden {
  readonly input: { readonly images: number; readonly height: number; readonly width: number }
  readonly backbones: Record<string, Record<'original' | 'rounded', Record<string, TapSample>>>
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../fixtures/golden/backbone.json', import.meta.url), 'utf8'),
) as Golden
const cpu: Device = { name: 'cpu', reason: 'tests', threads: 1 }

// Relative to the largest value of the tap. Two engines add in another order: a few float32 roundings.
const sameNumbers = 2e-5
// Float16 keeps 11 bits. tools/parity/backbone.py measures at most 1.9e-2 over all values of a tap, 5e-3 as a root mean square.
const roundedNumbers = 2e-2

describe.each(Object.entries(golden.backbones))('%s', (id, judged) => {
  test.each([
    ['rounded', sameNumbers],
    ['original', roundedNumbers],
  ] as const)('gives the taps of PyTorch with the %s weights', async (kind, tolerance) => {
    const taps = await runTaps(id, Object.keys(judged[kind]), formulaImage())
    for (const [name, want] of Object.entries(judged[kind])) {
      const got = taps[name]!
      expect(got.shape).toEqual(want.shape)
      const values = got.data as Float32Array
      want.places.forEach((place, i) =>
        expect(Math.abs(values[place]! - want.values[i]!) / want.maxAbs, `${name}[${place}]`).toBeLessThan(
          tolerance,
        ),
      )
      const meanAbs = values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length
      expect(Math.abs(meanAbs / want.meanAbs - 1), name).toBeLessThan(tolerance)
    }
  })

  test('has the channels and strides that its card declares', async () => {
    const { card } = findBackbone(id)
    const { images, height, width } = golden.input
    const declared = card.taps.map(({ name, channels, stride }) => [
      name,
      [images, channels, height / stride, width / stride],
    ])
    expect(Object.fromEntries(declared)).toEqual(
      Object.fromEntries(Object.entries(judged.original).map(([name, { shape }]) => [name, shape])),
    )
  })

  test('refuses a tap behind its cut with the list of those it has', async () => {
    const backbone = await openBackbone(id, ['stage3'])
    const g = createGraph('taps')
    const x = g.input('x', 'float32', ['n', 3, 'h', 'w'])
    expect(() => backbone.build(g, x, ['stage3', 'stage7'])).toThrow(`Backbone "${id}" has no tap "stage7".`)
  })

  test('refuses a fixed size for which its padding would be wrong', async () => {
    const backbone = await openBackbone(id, ['stage3'])
    const g = createGraph('taps')
    const x = g.input('x', 'float32', [1, 3, 320, 300])
    expect(() => backbone.build(g, x, ['stage3'])).toThrow('multiples of 32, not 300')
  })

  test('reads and builds nothing behind the last tap asked for', async () => {
    const backbone = await openBackbone(id, ['stage2.expand', 'stage1'])
    expect(backbone.weights.size).toBe(2 * 4)
    const g = createGraph('taps')
    const x = g.input('x', 'float32', ['n', 3, 'h', 'w'])
    expect(Object.keys(backbone.build(g, x, ['stage2.expand', 'stage1']))).toEqual([
      'stage1',
      'stage2.expand',
    ])
    expect(g.nodes.filter(({ op }) => op.name === 'conv')).toHaveLength(4)
  })
})

/** One session with dynamic sizes, from uint8 pixels to taps. */
async function runTaps(id: string, names: readonly string[], image: Tensor): Promise<Record<string, Tensor>> {
  const backbone = await openBackbone(id, names)
  const g = createGraph('taps')
  const pixels = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  const taps = backbone.build(g, normaliseImage(g, pixels, backbone.card.input), names)
  for (const [name, value] of Object.entries(taps)) g.output(name, value)
  await using session = await openSession(writeOnnx(g.build()), cpu, id)
  return await session.run({ image })
}

/** `formula_image` of tools/golden/efficientnet_lite.py. */
function formulaImage(): Tensor {
  const { images, height, width } = golden.input
  const data = Uint8Array.from({ length: images * height * width * 3 }, (_, i) => {
    const noise = Math.imul(i, 2654435761) >>> 26
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / (3 * width)) % height]
    return (3 * x + 5 * y + 40 * c + noise) % 256
  })
  return { dtype: 'uint8', shape: [images, height, width, 3], data }
}
