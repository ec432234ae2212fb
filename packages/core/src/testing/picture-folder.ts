/** Writes made-up pictures as PNG files, in any layout. */
import { encodePng, type Uint8Image } from '../image/index.ts'
import type { TestFolder } from './folder.ts'
import { drawNoisePicture, drawPicture } from './picture.ts'

/** Writes each picture under its path and returns the paths on disk. */
export async function writePictures(
  folder: TestFolder,
  pictures: Readonly<Record<string, Uint8Image>>,
): Promise<string[]> {
  const paths: string[] = []
  for (const [name, picture] of Object.entries(pictures))
    paths.push(await folder.write(name, await toPng(picture)))
  return paths
}

export function toPng({ pixels, width, height, channels }: Uint8Image): Promise<Uint8Array> {
  return encodePng(pixels, width, height, channels, { compression: 1 })
}

export interface TinyDataOptions {
  /** Kinds of `drawPicture`; each becomes the product `part<kind>`. One kind alone lies in the folder itself. */
  readonly kinds: readonly number[]
  readonly train: number
  readonly test?: number
  readonly width?: number
  readonly height?: number
}

/** A data set in the layout of MVTec AD: stripes are good, noise in a corner is the defect. */
export async function writeTinyData(folder: TestFolder, options: TinyDataOptions): Promise<void> {
  const { kinds, train, test = 0, width = 96, height = 96 } = options
  for (const kind of kinds) {
    const product = kinds.length === 1 ? 'data' : `data/part${kind}`
    const name = (split: string, i: number): string => `${product}/${split}/${String(i).padStart(3, '0')}.png`
    for (let i = 0; i < train; i++)
      await writePictures(folder, {
        [name('train/good', i)]: drawPicture({ width, height, seed: i, kind, noise: 4 }),
      })
    for (let i = 0; i < test; i++) {
      const good = drawPicture({ width, height, seed: 100 + i, kind, noise: 4 })
      const defect = drawDefect(drawPicture({ width, height, seed: 200 + i, kind, noise: 4 }), i)
      await writePictures(folder, {
        [name('test/good', i)]: good,
        [name('test/scar', i)]: defect.picture,
        [name('ground_truth/scar', i).replace('.png', '_mask.png')]: defect.mask,
      })
    }
  }
}

function drawDefect(good: Uint8Image, seed: number): { picture: Uint8Image; mask: Uint8Image } {
  const { width, height } = good
  const noise = drawNoisePicture(width, height, seed)
  const pixels = good.pixels.slice()
  const mask = new Uint8Array(width * height)
  for (let y = height >> 2; y < height >> 1; y++) {
    for (let x = width >> 1; x < (width * 3) >> 2; x++) {
      const at = y * width + x
      mask[at] = 255
      pixels.set(noise.pixels.subarray(3 * at, 3 * at + 3), 3 * at)
    }
  }
  return { picture: { ...good, pixels }, mask: { width, height, channels: 1, depth: 8, pixels: mask } }
}
