import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'

import { expect, test } from 'vitest'

import { createTestFolder } from '../../testing/folder.ts'
import { writeEncoderFile } from './encoder-file.ts'
import { createSamCheckpoint, tinyPlan } from './testing/formula.ts'
import { deferWeights, type SamWeights } from './weights.ts'

/** Formula weights that count how many tensors were read for the second file; smaller ones are in the first. */
function countedWeights(): { readonly weights: SamWeights; readonly reads: () => number } {
  const checkpoint = createSamCheckpoint(tinyPlan)
  let reads = 0
  const weights = deferWeights({
    ...checkpoint,
    tensor: async (name) => {
      const tensor = await checkpoint.tensor(name)
      if (tensor.data.byteLength >= 1024) reads++
      return tensor
    },
  })
  return { weights, reads: () => reads }
}

test('a finished encoder is found again without reading its weights', async () => {
  await using folder = await createTestFolder()
  const { weights, reads } = countedWeights()
  const place = { folder: folder.at('sam', 'tiny'), sha256: 'a' }
  const path = await writeEncoderFile(tinyPlan, weights, place)
  expect((await readdir(folder.at('sam', 'tiny'))).sort()).toEqual(['encoder.onnx', 'encoder.onnx.data'])
  const first = reads()
  expect(first).toBeGreaterThan(10)
  expect(await writeEncoderFile(tinyPlan, weights, place)).toBe(path)
  expect(reads()).toBe(first)
})

test('other weights of the same size replace it', async () => {
  await using folder = await createTestFolder()
  const { weights, reads } = countedWeights()
  const path = await writeEncoderFile(tinyPlan, weights, { folder: folder.path, sha256: 'a' })
  const [before, first] = [await readFile(path), reads()]
  await writeEncoderFile(tinyPlan, weights, { folder: folder.path, sha256: 'b' })
  expect(reads()).toBe(2 * first)
  expect(await readFile(path)).not.toEqual(before)
})

test('a file that was cut is written anew', async () => {
  await using folder = await createTestFolder()
  const { weights } = countedWeights()
  const place = { folder: folder.path, sha256: 'a' }
  const path = await writeEncoderFile(tinyPlan, weights, place)
  const { size } = await stat(`${path}.data`)
  await truncate(`${path}.data`, size - 1)
  await writeEncoderFile(tinyPlan, weights, place)
  expect((await stat(`${path}.data`)).size).toBe(size)
})

test('a checkpoint that breaks off leaves no file behind', async () => {
  await using folder = await createTestFolder()
  const checkpoint = createSamCheckpoint(tinyPlan)
  const weights = deferWeights({
    ...checkpoint,
    tensor: async (name) => {
      if (name.endsWith('blocks.2.mlp.lin2.weight')) throw new Error('the disk is gone')
      return checkpoint.tensor(name)
    },
  })
  await expect(writeEncoderFile(tinyPlan, weights, { folder: folder.path, sha256: 'a' })).rejects.toThrow(
    'the disk is gone',
  )
  expect(await readdir(folder.path)).toEqual([])
})

test('a place that cannot be written to is CACHE_NOT_WRITABLE', async () => {
  await using folder = await createTestFolder()
  await writeFile(folder.at('file'), '')
  const place = { folder: folder.at('file'), sha256: 'a' }
  await expect(writeEncoderFile(tinyPlan, countedWeights().weights, place)).rejects.toMatchObject({
    code: 'CACHE_NOT_WRITABLE',
    params: { path: place.folder },
  })
})
