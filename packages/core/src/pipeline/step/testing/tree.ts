/** A tiny data set in the layout of MVTec AD 2, an encoder of one layer, and settings that fit both. */
import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'
import type { Tensor } from '@assay/graph'
import { readFloats } from '../../../backbone/fold.ts'
import type { BackboneEntry } from '../../../backbone/index.ts'
import { createRandom } from '../../../random.ts'
import type { TestFolder } from '../../../testing/folder.ts'
import { toPng } from '../../../testing/picture-folder.ts'
import { drawNoisePicture, drawPicture } from '../../../testing/picture.ts'
import { writeSafetensors } from '../../../weights/index.ts'
import type { PublishedEncoder } from '../encoder.ts'
import { parseStepSettings, type StepSettings } from '../settings.ts'

export interface StepTree {
  readonly settings: StepSettings
  readonly encoders: readonly PublishedEncoder[]
}

/** Pictures of 100 x 90 in windows of 64: two columns, two rows. */
export async function createStepTree(folder: TestFolder, objects: readonly string[]): Promise<StepTree> {
  const size = { width: 100, height: 90 }
  for (const [kind, object] of objects.entries()) {
    const write = async (path: string, seed: number, isBad = false): Promise<void> => {
      const picture = drawPicture({ ...size, seed, kind, noise: 4 })
      if (isBad) {
        const noise = drawNoisePicture(size.width, size.height, seed)
        const mask = new Uint8Array(size.width * size.height)
        for (let y = 20; y < 60; y++)
          for (let x = 30; x < 70; x++) {
            const at = y * size.width + x
            mask[at] = 255
            picture.pixels.set(noise.pixels.subarray(3 * at, 3 * at + 3), 3 * at)
          }
        const truth = path.replace('/bad/', '/ground_truth/bad/').replace('.png', '_mask.png')
        const png = await toPng({ ...size, channels: 1, depth: 8, pixels: mask })
        await folder.write(`data/${object}/${truth}`, png)
      }
      await folder.write(`data/${object}/${path}`, await toPng(picture))
    }
    for (let i = 0; i < 3; i++) await write(`train/good/00${i}_regular.png`, i)
    for (let i = 0; i < 2; i++) {
      await write(`validation/good/00${i}_regular.png`, 10 + i)
      await write(`test_public/good/00${i}_regular.png`, 20 + i)
      await write(`test_public/bad/00${i}_regular.png`, 30 + i, true)
      await write(`test_private/00${i}_regular.png`, 40 + i)
    }
  }
  return {
    encoders: [await createTestEncoder(folder)],
    settings: parseStepSettings({
      original_data_path: folder.at('data'),
      data_path: folder.at('tiles'),
      save_dir: folder.at('weights'),
      amap_savedir: folder.at('maps'),
      bin_savedir: folder.at('masks'),
      window_size: 64,
      encoder: 'test',
      input_size: 70,
      crop_size: 56,
      INP_num: 2,
      batch_size: 2,
      device: 'cpu',
    }),
  }
}

const width = 8

/** Two taps of 8 channels every 14 pixels: a convolution, and what a leaky ReLU leaves of it. */
async function createTestEncoder(folder: TestFolder): Promise<PublishedEncoder> {
  const shape = [width, 3, 14, 14]
  const data = new Float32Array(width * 3 * 14 * 14)
  createRandom(5, 'step-encoder').fillNormal(data, 0.05)
  const tensor: Tensor = { dtype: 'float32', shape, data }
  const bytes = writeSafetensors(new Map([['kernel', tensor]]))
  const path = await folder.write('encoder.safetensors', bytes)
  const taps = ['plain', 'bent']
  const entry: BackboneEntry = {
    card: {
      id: 'step-test',
      input: { multipleOf: 14, mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], colour: 'rgb' },
      taps: taps.map((name) => ({ name, channels: width, stride: 14 })),
      defaultTaps: taps,
      tokenTaps: taps,
    },
    weights: {
      embedded: pathToFileURL(path),
      origin: 'seeded',
      licence: 'MIT',
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
    tensors: new Map([['kernel', shape]]),
    prepare: async (checkpoint) =>
      new Map([['kernel', { ...tensor, data: await readFloats(checkpoint, 'kernel') }]]),
    build: (g, x, weights) => {
      const kernel = weights.get('kernel')
      if (kernel === undefined) throw new Error('internal: the test encoder has no kernel')
      const plain = g.conv(x, g.constant(kernel), undefined, { strides: [14, 14] })
      return { plain, bent: g.leakyRelu(plain, 0.1) }
    },
  }
  return { name: 'test', entry, headWidth: 4 }
}
