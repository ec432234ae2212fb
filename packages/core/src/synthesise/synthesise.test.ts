import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeDataset, readDataset } from '../dataset/index.ts'
import { decodeImage } from '../image/index.ts'
import { type Part, partDefects, partProducts, synthesiseDataset, synthesisePart } from './index.ts'

const size = { width: 160, height: 160 }

/** The largest difference of any channel at each pixel. */
function differences(a: Part, b: Part): Uint8Array {
  return Uint8Array.from(a.mask, (_, i) =>
    Math.max(...[0, 1, 2].map((c) => Math.abs(a.image[3 * i + c]! - b.image[3 * i + c]!))),
  )
}

/** The box around a mask, widened by a margin. */
function boxAround(part: Part, margin: number): (x: number, y: number) => boolean {
  const places = [...part.mask.keys()].filter((i) => part.mask[i] !== 0)
  const xs = places.map((i) => i % part.width)
  const ys = places.map((i) => Math.floor(i / part.width))
  const [left, right] = [Math.min(...xs) - margin, Math.max(...xs) + margin]
  const [top, bottom] = [Math.min(...ys) - margin, Math.max(...ys) + margin]
  return (x, y) => x >= left && x <= right && y >= top && y <= bottom
}

for (const product of partProducts) {
  test(`${product}: the same seed gives the same bytes, another seed another part`, () => {
    const one = synthesisePart({ product, ...size, seed: 1 })
    expect(synthesisePart({ product, ...size, seed: 1 })).toEqual(one)
    const other = differences(one, synthesisePart({ product, ...size, seed: 2 }))
    expect(other.filter((value) => value > 3).length).toBeGreaterThan(size.width * size.height * 0.3)
  })

  test(`${product}: a good part has an empty mask and uses the camera's range without clipping`, () => {
    for (const seed of [1, 2, 3]) {
      const { image, mask } = synthesisePart({ product, ...size, seed })
      expect(mask.every((value) => value === 0)).toBe(true)
      const dark = image.filter((value) => value === 0).length / image.length
      const bright = image.filter((value) => value === 255).length / image.length
      expect(dark).toBeLessThan(0.02)
      expect(bright).toBeLessThan(0.02)
    }
  })

  for (const defect of partDefects) {
    test(`${product}: a ${defect} changes the picture inside its mask and nowhere far from it`, () => {
      for (const seed of [1, 2, 3]) {
        const good = synthesisePart({ product, ...size, seed })
        const bad = synthesisePart({ product, ...size, seed, defect })
        const changed = differences(good, bad)
        const inside = changed.filter((_, i) => bad.mask[i] !== 0)
        expect(inside.length).toBeGreaterThan(10)
        expect(inside.length).toBeLessThan(changed.length / 4)
        // Sensor noise moves a pixel by 2 to 5 levels; it is the same in both pictures.
        expect(inside.reduce((sum, value) => sum + value, 0) / inside.length).toBeGreaterThan(6)
        const isNear = boxAround(bad, 10)
        const farthest = changed.filter((_, i) => !isNear(i % size.width, Math.floor(i / size.width)))
        expect(Math.max(...farthest)).toBeLessThanOrEqual(4)
      }
    })
  }
}

test('parts are made at any size, tall, wide and small', () => {
  for (const [width, height] of [
    [48, 48],
    [64, 150],
    [210, 50],
  ] as const) {
    for (const product of partProducts) {
      const part = synthesisePart({ product, width, height, seed: 4, defect: 'hole' })
      expect([part.image.length, part.mask.length]).toEqual([width * height * 3, width * height])
      expect(part.mask.includes(255)).toBe(true)
    }
  }
  expect(() => synthesisePart({ product: 'fabric', width: 47, height: 100, seed: 1 })).toThrow('internal')
})

test('a dataset is written in the layout that is read back, with masks that fit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-synthesise-'))
  try {
    const counts = { train: 3, validationGood: 1, testGood: 2, testDefect: 2 }
    const options = {
      products: ['flange', 'fabric'],
      defects: ['scratch', 'missing'],
      counts,
      size: { width: 64, height: 72 },
      seed: 5,
    } as const
    const seen: number[] = []
    const written = await synthesiseDataset(folder, { ...options, onProgress: ({ done }) => seen.push(done) })
    expect(written).toBe(20)
    expect(seen.at(-1)).toBe(20)
    const dataset = await readDataset(folder)
    expect(dataset.layout).toBe('products')
    const description = await describeDataset(folder, { thorough: true })
    expect(description.products.map((product) => product.name)).toEqual(['fabric', 'flange'])
    for (const { counts, sizes } of description.products) {
      expect(counts.train.good).toBe(3)
      expect(counts.validation.good).toBe(1)
      expect(counts.test).toMatchObject({ good: 2, defect: 4 })
      expect(counts.test.defects.map((defect) => defect.masks)).toEqual([2, 2])
      expect(sizes?.distinct).toEqual([{ width: 64, height: 72, count: 10 }])
    }
    // Nothing odd but that three images are few.
    expect(description.oddities.map((oddity) => oddity.code)).toEqual([
      'FEW_TRAINING_IMAGES',
      'FEW_TRAINING_IMAGES',
    ])
    await expect(synthesiseDataset(folder, options)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a larger dataset of the same seed begins with the pictures of a smaller one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-synthesise-'))
  try {
    const common = {
      products: ['blister'],
      defects: ['crack'],
      size: { width: 48, height: 48 },
      seed: 9,
    } as const
    await synthesiseDataset(join(folder, 'a'), {
      ...common,
      counts: { train: 1, testGood: 1, testDefect: 1 },
    })
    await synthesiseDataset(join(folder, 'b'), {
      ...common,
      counts: { train: 2, testGood: 2, testDefect: 2 },
    })
    for (const path of ['train/good/000.png', 'test/crack/000.png', 'ground_truth/crack/000_mask.png']) {
      const a = await readFile(join(folder, 'a/blister', path))
      const b = await readFile(join(folder, 'b/blister', path))
      expect(a.equals(b)).toBe(true)
    }
    const mask = await decodeImage(join(folder, 'a/blister/ground_truth/crack/000_mask.png'))
    expect([mask.channels, mask.width, mask.height]).toEqual([1, 48, 48])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a folder that cannot be made is refused with its path', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-synthesise-'))
  try {
    await writeFile(join(folder, 'file'), 'x')
    const inside = synthesiseDataset(join(folder, 'file', 'inside'), { products: ['fabric'] })
    await expect(inside).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' })
  } finally {
    await rm(folder, { recursive: true })
  }
})
