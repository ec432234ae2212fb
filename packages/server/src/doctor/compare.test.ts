import { synthesisePart, type Embedder, type Image } from '@assay/core'
import { beforeAll, expect, test } from 'vitest'
import { comparePictures, type MeasuredPicture } from './compare.ts'
import { measurePicture } from './measure.ts'

const size = { width: 160, height: 160 }
/** Mean colours of quarters: enough to tell another part. */
const quarters: Embedder = {
  embed: async ({ pixels, width, height }) => {
    const sums = new Float32Array(12)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) {
          const quarter = (y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)
          sums[quarter * 3 + c] = (sums[quarter * 3 + c] ?? 0) + (pixels[(y * width + x) * 3 + c] ?? 0)
        }
    return sums.map((sum) => (4 * sum) / (width * height))
  },
  [Symbol.asyncDispose]: async () => {},
}

function draw(seed: number, change: (pixels: Uint8Array) => Uint8Array = (pixels) => pixels): Image {
  const { image } = synthesisePart({ product: 'metal', ...size, seed })
  return { ...size, channels: 3, depth: 8, pixels: change(image) }
}

const blur = (pixels: Uint8Array): Uint8Array =>
  pixels.map((_, i) => {
    let sum = 0
    for (let d = -6; d <= 6; d++) sum += pixels[Math.min(pixels.length - 1, Math.max(0, i + 3 * d))] ?? 0
    return sum / 13
  })

let good: MeasuredPicture[]
async function measure(id: string, image: Image): Promise<MeasuredPicture> {
  const { width, height } = image
  return { id, name: id, width, height, isGood: true, measures: await measurePicture(image, quarters) }
}
beforeAll(async () => {
  good = []
  for (let i = 0; i < 12; i++) good.push(await measure(`good ${i}`, draw(i)))
})

test('pictures of one product that are all as they should be give no finding', () => {
  expect(comparePictures(good)).toEqual([])
})

test.each([
  ['blurred', blur],
  ['dark', (pixels: Uint8Array) => pixels.map((v) => v / 4)],
  ['bright', (pixels: Uint8Array) => pixels.map((v) => 180 + v / 4)],
] as const)('one that is %s among them is found, and only it', async (kind, change) => {
  const odd = await measure('odd', draw(50, change))
  const found = comparePictures([...good, odd])
  expect(found.map(({ kind: what }) => what)).toContain(kind)
  expect(new Set(found.map(({ image }) => image))).toEqual(new Set(['odd']))
})

test('another part among them is an outlier', async () => {
  const { image } = synthesisePart({ product: 'wood', ...size, seed: 1 })
  const odd = await measure('odd', { ...size, channels: 3, depth: 8, pixels: image })
  expect(comparePictures([...good, odd])).toContainEqual(
    expect.objectContaining({ image: 'odd', kind: 'outlier' }),
  )
})

test('a picture that was saved again repeats the first, though no byte is the same', async () => {
  const again = await measure(
    'again',
    draw(3, (pixels) => pixels.map((v, i) => v + (i % 2))),
  )
  expect(comparePictures([...good, again])).toMatchObject([
    { image: 'again', kind: 'duplicate', other: 'good 3' },
  ])
})

test('a picture of another size is told when most have one size', async () => {
  const { image } = synthesisePart({ product: 'metal', width: 200, height: 160, seed: 4 })
  const odd = await measure('odd', { width: 200, height: 160, channels: 3, depth: 8, pixels: image })
  expect(comparePictures([...good, odd])).toContainEqual(
    expect.objectContaining({ image: 'odd', kind: 'size' }),
  )
})

test('fewer than five pictures do not say what is usual', () => {
  expect(comparePictures(good.slice(0, 4))).toEqual([])
})
