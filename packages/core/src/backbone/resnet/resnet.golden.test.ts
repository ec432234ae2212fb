/** ResNets with weights by formula, against torchvision (tools/golden/resnet.py). */
import { createGraph, writeOnnx, type Tensor } from '@assay/graph'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { createFormulaCheckpoint } from '../../testing/formula-checkpoint.ts'
import type { Checkpoint } from '../../weights/index.ts'
import { readBackbone } from '../backbone.ts'
import { findBackbone } from '../catalogue.ts'
import type { BackboneEntry } from '../entry.ts'
import { createResNet } from './entry.ts'
import type { ResNetDesign } from './plan.ts'

interface TapSample {
  readonly shape: number[]
  readonly meanAbs: number
  readonly maxAbs: number
  readonly places: number[]
  readonly values: number[]
}

interface Run {
  readonly input: number[]
  readonly taps: Record<string, TapSample>
}

const golden = readJson('golden/resnet.json') as {
  readonly published: Record<string, Run & { readonly parameters: number }>
  readonly narrow: Record<string, Run & { readonly design: ResNetDesign }>
}

// Relative to the largest value of a tap. Two engines add in another order, and one of them with folded norms.
const tolerance = 1e-5

describe.each(Object.entries(golden.published))('%s', (id, run) => {
  const entry = findBackbone(id)

  test('has the names and shapes of the published file, and its number of parameters', () => {
    const file = Object.entries(readJson(`weights/published/${id}.json`) as Record<string, number[]>)
    const counted = file.filter(([name]) => !name.endsWith('num_batches_tracked'))
    expect([...entry.tensors]).toEqual(counted)
    const statistics = /running_(?:mean|var)$/
    const parameters = counted.filter(([name]) => !statistics.test(name))
    expect(parameters.reduce((sum, [, shape]) => sum + sizeOf(shape), 0)).toBe(run.parameters)
  })

  test('gives the taps of PyTorch', () => expectTaps(entry, run))
})

test.each(Object.entries(golden.narrow))('%s gives the taps of PyTorch for two images', (name, run) =>
  expectTaps(createResNet(name, run.design), run),
)

test('taps are prepared and built as far as they are asked for, and no tensor behind them is read', async () => {
  const [{ design, input }] = Object.values(golden.narrow) as [Run & { design: ResNetDesign }]
  const entry = createResNet('narrow', design)
  const read = new Set<string>()
  const backbone = await readBackbone(
    entry,
    createFormulaCheckpoint(entry.tensors, formulaTensor, read),
    origin,
    ['layer2', 'layer1'],
  )
  expect(new Set(Array.from(read, (name) => name.split('.')[0]))).toEqual(
    new Set(['conv1', 'bn1', 'layer1', 'layer2']),
  )
  const g = createGraph('taps')
  const x = g.input('x', 'float32', input)
  expect(Object.keys(backbone.build(g, x, ['layer1']))).toEqual(['layer1'])
  // The stem and two blocks of two, without a shortcut.
  expect(g.nodes.filter(({ op }) => op.name === 'conv')).toHaveLength(5)
  expect(() => backbone.build(g, x, ['layer5'])).toThrow('Backbone "narrow" has no tap "layer5".')
})

test('a ResNet that was saved without its classifier is read, one without a convolution is not', async () => {
  const entry = findBackbone('resnet18')
  const lacking = (...names: string[]): Checkpoint =>
    createFormulaCheckpoint(
      new Map([...entry.tensors].filter(([name]) => !names.includes(name))),
      formulaTensor,
    )
  const { weights } = await readBackbone(entry, lacking('fc.weight', 'fc.bias'), origin, ['layer1'])
  expect(weights.has('layer1.1.conv2.weight')).toBe(true)
  await expect(
    readBackbone(entry, lacking('layer4.1.conv2.weight'), origin, ['layer1']),
  ).rejects.toMatchObject({ message: expect.stringContaining('it lacks "layer4.1.conv2.weight"') })
})

test('a deeper ResNet is not taken for a shallower one, although it has all its tensors', async () => {
  const deep = findBackbone('resnet34')
  await expect(
    readBackbone(findBackbone('resnet18'), createFormulaCheckpoint(deep.tensors, formulaTensor), origin, [
      'layer1',
    ]),
  ).rejects.toMatchObject({
    code: 'WEIGHTS_UNSUITABLE',
    message: expect.stringContaining('"layer1.2.conv1.weight"'),
  })
})

const origin = { origin: 'formula', licence: 'MIT', sha256: '0'.repeat(64) }

async function expectTaps(entry: BackboneEntry, { input, taps }: Run): Promise<void> {
  const names = entry.card.taps.map(({ name }) => name)
  expect(names).toEqual(Object.keys(taps))
  const backbone = await readBackbone(
    entry,
    createFormulaCheckpoint(entry.tensors, formulaTensor),
    origin,
    names,
  )
  const g = createGraph('taps')
  const x = g.input('x', 'float32', ['n', 3, 'h', 'w'])
  for (const [name, value] of Object.entries(backbone.build(g, x, names))) g.output(name, value)
  await using session = await openSession(writeOnnx(g.build()), testDevice, entry.card.id)
  const outputs = await session.run({
    x: { dtype: 'float32', shape: input, data: unit('input', sizeOf(input)) },
  })
  const [images = 0, , height = 0, width = 0] = input
  for (const { name, channels, stride } of entry.card.taps) {
    const want = taps[name]!
    const got = outputs[name]!
    expect(got.shape).toEqual(want.shape)
    expect(got.shape).toEqual([images, channels, height / stride, width / stride])
    const values = got.data as Float32Array
    want.places.forEach((place, i) =>
      expect(Math.abs(values[place]! - want.values[i]!) / want.maxAbs, `${name}[${place}]`).toBeLessThan(
        tolerance,
      ),
    )
    const meanAbs = values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length
    expect(Math.abs(meanAbs / want.meanAbs - 1), name).toBeLessThan(tolerance)
  }
}

/** `formula_tensor` of tools/golden/resnet.py. */
function formulaTensor(name: string, shape: readonly number[]): Tensor {
  const data = unit(name, sizeOf(shape))
  const isGain = /running_var$|(?:bn\d|downsample\.1)\.weight$/.test(name)
  const factor = shape.length > 1 ? Math.sqrt(6 / sizeOf(shape.slice(1))) : isGain ? 0.5 : 0.2
  const start = isGain ? 1 : 0
  for (let i = 0; i < data.length; i++) data[i] = start + data[i]! * factor
  return { dtype: 'float32', shape, data }
}

/** `unit` of tools/golden/resnet.py, rounded to float32. */
function unit(name: string, count: number): Float32Array {
  let seed = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193)
  const data = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    let h = Math.imul(i ^ seed, 0x9e3779b1)
    h = Math.imul(h ^ (h >>> 15), 0x85ebca77)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae3d)
    data[i] = ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1
  }
  return data
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((n, d) => n * d, 1)
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../../../../fixtures/${path}`, import.meta.url), 'utf8'))
}
