import { readFileSync } from 'node:fs'

import { describe, expect, test } from 'vitest'

import {
  convsUpTo,
  foldedShapes,
  planEfficientNetLite,
  weightShape,
  type EfficientNetLiteVariant,
} from './plan.ts'

const golden = JSON.parse(
  readFileSync(new URL('../../../../../fixtures/golden/backbone.json', import.meta.url), 'utf8'),
) as { readonly plans: Record<EfficientNetLiteVariant, string[]> }

describe.each(Object.entries(golden.plans))('%s', (name, lines) => {
  const variant = name as EfficientNetLiteVariant

  test('has the convolutions of the PyTorch model, in its order', () => {
    const { convs } = planEfficientNetLite(variant)
    const ours = convs.map(
      (c) => `${c.name} ${weightShape(c).join('x')} s${c.stride} g${c.groups}${c.isResidual ? ' +' : ''}`,
    )
    expect(ours).toEqual(lines)
  })

  test('every tap can be the last one, and nothing behind it is kept', () => {
    const whole = planEfficientNetLite(variant)
    for (const [i, { name: tap }] of whole.taps.entries()) {
      const cut = planEfficientNetLite(variant, tap)
      expect(cut.taps).toEqual(whole.taps.slice(0, i + 1))
      expect(cut.convs.at(-1)?.tap).toBe(tap)
      expect(cut.convs).toEqual(whole.convs.slice(0, cut.convs.length))
    }
  })

  test('strides never decrease and end at 32', () => {
    const strides = planEfficientNetLite(variant).taps.map(({ stride }) => stride)
    expect(strides).toEqual([...strides].sort((a, b) => a - b))
    expect(strides.at(-1)).toBe(32)
  })
})

test('an expansion is a tap at the resolution of the stage before', () => {
  const { taps } = planEfficientNetLite('lite0', 'stage6.expand')
  expect(taps.at(-1)).toEqual({ name: 'stage6.expand', channels: 672, stride: 16 })
  expect(taps.find(({ name }) => name === 'stage3.expand')).toEqual({
    name: 'stage3.expand',
    channels: 144,
    stride: 4,
  })
})

test('the file holds the folded weights and biases, and the taps decide how many of them are read', () => {
  const plan = planEfficientNetLite('lite0', 'stage2')
  expect([...foldedShapes(convsUpTo(plan, ['stage1']))]).toEqual([
    ['stem.weight', [32, 3, 3, 3]],
    ['stem.bias', [32]],
    ['stage1.0.depthwise.weight', [32, 1, 3, 3]],
    ['stage1.0.depthwise.bias', [32]],
    ['stage1.0.project.weight', [16, 32, 1, 1]],
    ['stage1.0.project.bias', [16]],
  ])
  expect(convsUpTo(plan, ['stage2', 'stage1'])).toEqual(plan.convs)
})
