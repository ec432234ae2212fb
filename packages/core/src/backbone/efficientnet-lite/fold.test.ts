import type { Tensor } from '@assay/graph'
import { expect, test } from 'vitest'

import { openCheckpoint, writeSafetensors } from '../../weights/index.ts'
import { foldEfficientNetLite } from './fold.ts'
import { planEfficientNetLite, weightShape } from './plan.ts'

const plan = planEfficientNetLite('lite0', 'stage1')

/** A checkpoint for the first three convolutions, with numbers that differ everywhere. */
function makeTensors(): Map<string, Tensor> {
  let state = 1
  const numbers = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => (state = (state * 75 + 74) % 65537) / 65537 + 0.01)
  const tensors = new Map<string, Tensor>()
  const add = (name: string, shape: readonly number[]): void => {
    tensors.set(name, { dtype: 'float32', shape, data: numbers(shape.reduce((n, d) => n * d, 1)) })
  }
  for (const conv of plan.convs) {
    add(`${conv.source.conv}.weight`, weightShape(conv))
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      add(`${conv.source.norm}.${part}`, [conv.output])
  }
  return tensors
}

test('a folded convolution gives what convolution and batch norm gave', async () => {
  const tensors = makeTensors()
  await using checkpoint = await openCheckpoint(writeSafetensors(tensors))
  const folded = await foldEfficientNetLite(checkpoint, plan)
  const of = (map: ReadonlyMap<string, Tensor>, name: string): Float32Array =>
    map.get(name)!.data as Float32Array

  for (const { name, source, output } of plan.convs) {
    const weight = of(tensors, `${source.conv}.weight`)
    const norm = (part: string, o: number): number => of(tensors, `${source.norm}.${part}`)[o]!
    const perChannel = weight.length / output
    const dot = (w: Float32Array, o: number): number => {
      let sum = 0
      for (let i = 0; i < perChannel; i++) sum += w[o * perChannel + i]! * Math.sin(i + 1)
      return sum
    }
    for (let o = 0; o < output; o++) {
      const apart =
        ((dot(weight, o) - norm('running_mean', o)) / Math.sqrt(norm('running_var', o) + 1e-3)) *
          norm('weight', o) +
        norm('bias', o)
      const together = dot(of(folded, `${name}.weight`), o) + of(folded, `${name}.bias`)[o]!
      expect(together).toBeCloseTo(apart, 4)
    }
  }
})

test('a checkpoint of another width is refused with the layer and both shapes', async () => {
  const tensors = makeTensors()
  tensors.set('_bn0.running_var', { dtype: 'float32', shape: [24], data: new Float32Array(24) })
  await using checkpoint = await openCheckpoint(writeSafetensors(tensors), { name: 'wide.pth' })
  await expect(foldEfficientNetLite(checkpoint, plan)).rejects.toThrow(
    'Cannot read the weights wide.pth: "_bn0.running_var" is float32 [24] instead of float32 [32].',
  )
})

test('a checkpoint of another network is refused with the first layer it lacks', async () => {
  await using checkpoint = await openCheckpoint(writeSafetensors(new Map()), { name: 'other.pth' })
  await expect(foldEfficientNetLite(checkpoint, plan)).rejects.toThrow('it has no tensor "_conv_stem.weight"')
})
