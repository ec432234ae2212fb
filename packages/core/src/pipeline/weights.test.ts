/** Files that are added as weights of a network: right ones in other clothes, and those of another network. */
import { expect, test } from 'vitest'

import { createTestFolder } from '../testing/folder.ts'
import { drain } from '../testing/drain.ts'
import { addWeights } from '../weights/cache/index.ts'
import { publishedWeights, writeSafetensors } from '../weights/index.ts'
import { backbones } from '../backbone/index.ts'
import { findWeightsCheck } from './weights.ts'

/** Zeros in the shapes of a network, as a safetensors file. */
function zerosOf(id: string): Uint8Array {
  const entry = backbones.find(({ card }) => card.id === id)
  const tensors = [...(entry?.tensors ?? [])].map(([name, shape]) => {
    const data = new Float32Array(shape.reduce((n, d) => n * d, 1))
    return [name, { dtype: 'float32', shape, data }] as const
  })
  return writeSafetensors(new Map(tensors))
}

test.each(publishedWeights)('$id is checked by the network that uses it', ({ id }) => {
  expect(findWeightsCheck(id)).toBeTypeOf('function')
})

test('weights that no network uses have no check', () => {
  expect(findWeightsCheck('efficientnet-lite0')).toBeUndefined()
})

test('a conversion is taken for its own network and for no other', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('converted.safetensors', zerosOf('resnet18'))
  const add = (id: string) =>
    drain(addWeights(id, file, { cache: folder.at('cache'), check: findWeightsCheck(id) }))
  expect((await add('resnet18')).result).toMatchObject({ id: 'resnet18', isPublished: false })
  await expect(add('resnet34')).rejects.toMatchObject({ code: 'WEIGHTS_UNSUITABLE' })
  await expect(add('sam-vit-b')).rejects.toMatchObject({ code: 'WEIGHTS_UNSUITABLE' })
})
