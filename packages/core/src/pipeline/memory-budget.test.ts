import type { PartialRecipe } from '@assay/contract'
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createTestFolder } from '../testing/folder.ts'
import { writePictures } from '../testing/picture-folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { trainModel } from './train.ts'

// Features: 4 pictures of 144 patches of 152 half-precision values, 0.18 MB. The bank takes about 3.4 MB beside them.
const recipe: PartialRecipe = {
  input: { pixels: 9216 },
  features: { backbone: 'efficientnet-lite0' },
  memory: { size: 60, candidates: 2000 },
}

test.each([
  { memoryBytes: 4e6, isOnDisk: false, warnings: 0 },
  { memoryBytes: 3.45e6, isOnDisk: true, warnings: 0 },
  { memoryBytes: 1e6, isOnDisk: true, warnings: 1 },
])('one budget is for features and bank: $memoryBytes bytes', async ({ memoryBytes, isOnDisk, warnings }) => {
  await using folder = await createTestFolder()
  const draw = (seed: number) => drawPicture({ width: 96, height: 96, seed, noise: 4 })
  await writePictures(
    folder,
    Object.fromEntries([0, 1, 2, 3, 4].map((seed) => [`part/${seed}.png`, draw(seed)])),
  )
  const out = folder.at('model.onnx')
  const said: string[] = []
  let wasOnDisk = false
  for await (const event of trainModel({
    data: folder.at('part'),
    out,
    method: 'patchcore',
    threads: 1,
    recipe,
    memoryBytes,
  })) {
    if (event.type === 'warning') said.push(event.message)
    if (event.type === 'stage' && event.stage === 'memory')
      wasOnDisk ||= existsSync(`${out}.work/features0.bin`)
  }
  expect(wasOnDisk).toBe(isOnDisk)
  expect(said.filter((message) => message.includes('--memory'))).toHaveLength(warnings)
})
