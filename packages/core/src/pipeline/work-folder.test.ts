import fs from 'node:fs/promises'
import type { Tensor } from '@assay/graph'
import { expect, test } from 'vitest'
import { createTestFolder } from '../testing/folder.ts'
import { openWorkFolder, requireWritable, writeFileSafely } from './work-folder.ts'

const plan = { data: 'a', recipe: 'b' }
const tensors: Record<string, Tensor> = {
  weight: { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, -2, 0.1, 1e-30) },
  images: { dtype: 'int64', shape: [3], data: BigInt64Array.of(0n, -1n, 2n ** 60n) },
}

test('a checkpoint comes back as it was, also in another process', async () => {
  await using folder = await createTestFolder()
  const out = folder.at('model.onnx')
  const { checkpoints } = await openWorkFolder({ out, plan, resume: false })
  expect(await checkpoints.load('head')).toBeNull()
  await checkpoints.save('head', tensors)
  expect(await checkpoints.load('head')).toEqual(tensors)
  const again = await openWorkFolder({ out, plan, resume: true })
  expect(await again.checkpoints.load('head')).toEqual(tensors)
  expect(await again.checkpoints.load('memory-0')).toBeNull()
})

test('saving again replaces the checkpoint and leaves no other file', async () => {
  await using folder = await createTestFolder()
  const work = await openWorkFolder({ out: folder.at('m'), plan, resume: false })
  await work.checkpoints.save('head', tensors)
  const second = { weight: tensors['weight'] as Tensor }
  await work.checkpoints.save('head', second)
  expect(await work.checkpoints.load('head')).toEqual(second)
  expect((await fs.readdir(work.path)).sort()).toEqual(['head.safetensors', 'plan.json'])
})

test('a half-written checkpoint of a killed run is not taken for a whole one', async () => {
  await using folder = await createTestFolder()
  const out = folder.at('m')
  const work = await openWorkFolder({ out, plan, resume: false })
  await work.checkpoints.save('head', tensors)
  await folder.write('m.work/head.safetensors.part', 'half')
  const again = await openWorkFolder({ out, plan, resume: true })
  expect(await again.checkpoints.load('head')).toEqual(tensors)
})

test('a damaged checkpoint is refused by name', async () => {
  await using folder = await createTestFolder()
  const work = await openWorkFolder({ out: folder.at('m'), plan, resume: false })
  const path = await folder.write('m.work/head.safetensors', 'nonsense of some length')
  await expect(work.checkpoints.load('head')).rejects.toMatchObject({
    code: 'WEIGHTS_UNREADABLE',
    params: { path },
  })
})

test('a new training empties the folder of an older one', async () => {
  await using folder = await createTestFolder()
  const out = folder.at('m')
  const old = await openWorkFolder({ out, plan, resume: false })
  await old.checkpoints.save('head', tensors)
  const work = await openWorkFolder({ out, plan: { ...plan, recipe: 'c' }, resume: false })
  expect(await work.checkpoints.load('head')).toBeNull()
  expect(await fs.readdir(work.path)).toEqual(['plan.json'])
})

test('a folder that is not ours is not emptied, and a file not removed', async () => {
  await using folder = await createTestFolder()
  const photo = await folder.write('m.work/photo.png', 'precious')
  await expect(openWorkFolder({ out: folder.at('m'), plan, resume: false })).rejects.toMatchObject({
    code: 'OUTPUT_EXISTS',
    params: { path: folder.at('m.work') },
  })
  expect(await fs.readFile(photo, 'utf8')).toBe('precious')
  const file = await folder.write('n.work', 'precious')
  await expect(openWorkFolder({ out: folder.at('n'), plan, resume: false })).rejects.toMatchObject({
    code: 'OUTPUT_EXISTS',
    params: { path: file },
  })
  expect(await fs.readFile(file, 'utf8')).toBe('precious')
})

test('an empty folder of that name is used', async () => {
  await using folder = await createTestFolder()
  await fs.mkdir(folder.at('m.work'))
  const work = await openWorkFolder({ out: folder.at('m'), plan, resume: false })
  expect(await fs.readdir(work.path)).toEqual(['plan.json'])
})

test('nothing to resume says so, and creates nothing', async () => {
  await using folder = await createTestFolder()
  await expect(openWorkFolder({ out: folder.at('m'), plan, resume: true })).rejects.toMatchObject({
    code: 'RESUME_NOTHING',
    params: { path: folder.at('m.work') },
  })
  expect(await fs.readdir(folder.path)).toEqual([])
})

test('a resume of something else names what differs and keeps the work', async () => {
  await using folder = await createTestFolder()
  const out = folder.at('m')
  const work = await openWorkFolder({ out, plan, resume: false })
  await work.checkpoints.save('head', tensors)
  for (const [other, what] of [
    [{ ...plan, recipe: 'c' }, 'recipe'],
    [{ ...plan, data: 'c' }, 'data'],
    [{ ...plan, device: 'new since then' }, 'device'],
  ] as const)
    await expect(openWorkFolder({ out, plan: other, resume: true })).rejects.toMatchObject({
      code: 'RESUME_MISMATCH',
      params: { what },
    })
  await folder.write('m.work/plan.json', '{"data": ')
  await expect(openWorkFolder({ out, plan, resume: true })).rejects.toMatchObject({ code: 'RESUME_MISMATCH' })
  expect(await work.checkpoints.load('head')).toEqual(tensors)
})

test('a removed work folder is gone with all that is in it', async () => {
  await using folder = await createTestFolder()
  const work = await openWorkFolder({ out: folder.at('m'), plan, resume: false })
  await work.checkpoints.save('head', tensors)
  await work.remove()
  expect(await fs.readdir(folder.path)).toEqual([])
})

test('a place that cannot be written is found before the training, with its reason', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('file', 'not a folder')
  for (const path of [`${file}/model.onnx`, folder.path])
    await expect(requireWritable(path)).rejects.toMatchObject({
      code: 'OUTPUT_NOT_WRITABLE',
      params: { path },
    })
  await expect(openWorkFolder({ out: `${file}/model.onnx`, plan, resume: false })).rejects.toMatchObject({
    code: 'OUTPUT_NOT_WRITABLE',
  })
})

test('the probe for a writable place makes the folders, leaves no file and harms no older model', async () => {
  await using folder = await createTestFolder()
  await requireWritable(folder.at('new/folder/model.onnx'))
  expect(await fs.readdir(folder.at('new/folder'))).toEqual([])
  const old = await folder.write('model.onnx', 'older model')
  await requireWritable(old)
  expect(await fs.readFile(old, 'utf8')).toBe('older model')
})

test('a file is written whole or not at all', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('model.onnx', 'older model')
  await writeFileSafely(path, Uint8Array.of(1, 2, 3))
  expect([...(await fs.readFile(path))]).toEqual([1, 2, 3])
  await fs.mkdir(folder.at('taken/inside'), { recursive: true })
  await expect(writeFileSafely(folder.at('taken'), Uint8Array.of(1))).rejects.toMatchObject({
    code: 'OUTPUT_NOT_WRITABLE',
  })
  expect((await fs.readdir(folder.path)).sort()).toEqual(['model.onnx', 'taken'])
})
