import { encodePng, synthesisePart } from '@assay/core'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { trainAndInspect } from './train-and-inspect.ts'

test('the example learns good parts and calls a part with a hole a defect', async () => {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'assay-example-'))
  try {
    const write = async (name: string, seed: number, defect?: 'hole'): Promise<string> => {
      const part = synthesisePart({
        product: 'flange',
        width: 192,
        height: 192,
        seed,
        ...(defect && { defect }),
      })
      const file = path.join(folder, name)
      await fs.writeFile(file, await encodePng(part.image, part.width, part.height, 3))
      return file
    }
    await fs.mkdir(path.join(folder, 'good'))
    for (let i = 0; i < 16; i++) await write(`good/${i}.png`, i)
    const broken = await write('broken.png', 100, 'hole')
    const answer = await trainAndInspect(path.join(folder, 'good'), broken, path.join(folder, 'model.onnx'))
    expect(answer).toMatch(/^defect: score [\d.]+ against [\d.]+, \d+ regions, [\d.]+ % of the picture$/)
  } finally {
    await fs.rm(folder, { recursive: true, force: true })
  }
})
