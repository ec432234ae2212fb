import { readFileSync } from 'node:fs'
import type { Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import { openCheckpoint, writeSafetensors, type Checkpoint } from '../../weights/index.ts'
import { readPublishedHead } from './checkpoint.ts'
import { parameterShapes, startParameters, type HeadPlan } from './head.ts'

const plan: HeadPlan = { width: 8, heads: 4, blocks: 3, prototypes: 5, groups: 2 }
const parameters = startParameters(plan, 3)
const cls: Tensor = { dtype: 'float32', shape: [1, 1, 8], data: new Float32Array(8).fill(2) }

function openHead(
  prefix: string,
  change: (tensors: Record<string, Tensor>) => void = () => undefined,
): Promise<Checkpoint> {
  const tensors: Record<string, Tensor> = { ...parameters, 'encoder.cls_token': cls }
  change(tensors)
  const named = new Map(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]))
  return openCheckpoint(writeSafetensors(named), { name: 'model.pth' })
}

test('the head has the tensors that the published one of ViT-B/14 has, no more and no less', () => {
  const file = new URL(
    '../../../../../fixtures/weights/published/inp-former-dinov2reg-vit-b14.json',
    import.meta.url,
  )
  const published = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly parameters: number
    readonly tensors: Readonly<Record<string, readonly number[]>>
  }
  const shapes = parameterShapes({ width: 768, heads: 12, blocks: 8, prototypes: 6, groups: 2 })
  expect(Object.fromEntries(shapes)).toEqual(published.tensors)
  expect([...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0)).toBe(
    published.parameters,
  )
})

test.each(['', 'module.', 'state_dict.module.'])(
  'a head under "%s" is read with its sizes',
  async (prefix) => {
    await using file = await openHead(prefix)
    const head = await readPublishedHead(file)
    expect(head.plan).toEqual(plan)
    expect(head.tensors).toEqual(parameters)
    expect(head.encoder.names()).toEqual(['cls_token'])
    expect(await head.encoder.tensor('cls_token')).toEqual(cls)
  },
)

test('half precision is read as single', async () => {
  const bits = new Uint16Array(64).fill(0x3c00)
  await using file = await openHead('', (tensors) => {
    tensors['decoder.2.attn.q.weight'] = { dtype: 'float16', shape: [8, 8], data: bits }
  })
  const { tensors } = await readPublishedHead(file)
  expect(tensors['decoder.2.attn.q.weight']).toEqual({
    dtype: 'float32',
    shape: [8, 8],
    data: new Float32Array(64).fill(1),
  })
})

test.each<[string, (tensors: Record<string, Tensor>) => void, string]>([
  ['prototypes', (t) => delete t['prototype_token'], 'it has no "prototype_token"'],
  ['a decoder', (t) => delete t['decoder.0.attn.learn_scale'], 'it has no "decoder.0.attn.learn_scale"'],
  ['a bias', (t) => delete t['decoder.1.attn.kv.bias'], 'it has no "decoder.1.attn.kv.bias"'],
  ['one meaning', (t) => (t['pooling.weight'] = cls), '"pooling.weight" belongs to no head'],
  [
    'its width',
    (t) => (t['bottleneck.0.fc2.bias'] = cls),
    '"bottleneck.0.fc2.bias" is float32 [1, 1, 8] instead of float32 [8]',
  ],
])('a file without %s is refused with the name of the tensor', async (_, change, reason) => {
  await using file = await openHead('module.', change)
  await expect(readPublishedHead(file)).rejects.toMatchObject({
    code: 'WEIGHTS_UNSUITABLE',
    params: { path: 'model.pth', reason },
  })
})
