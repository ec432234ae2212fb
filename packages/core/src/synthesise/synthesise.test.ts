import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeDataset, readDataset } from '../dataset/index.ts'
import { decodeImage } from '../image/index.ts'
import { sha256Hex } from '../sha256.ts'
import {
  defectsOf,
  type Part,
  type PartProduct,
  partProducts,
  smallestPart,
  synthesiseDataset,
  synthesisePart,
} from './index.ts'

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

/** Good parts by product and seed, drawn once. */
const goodParts = new Map<string, Part>()

function goodPart(product: PartProduct, seed: number): Part {
  const key = `${product} ${seed}`
  const part = goodParts.get(key) ?? synthesisePart({ product, ...size, seed })
  goodParts.set(key, part)
  return part
}

for (const product of partProducts) {
  test(`${product}: the same seed gives the same bytes, another seed another part`, () => {
    const one = goodPart(product, 1)
    expect(synthesisePart({ product, ...size, seed: 1 })).toEqual(one)
    const other = differences(one, goodPart(product, 2))
    expect(other.filter((value) => value > 3).length).toBeGreaterThan(size.width * size.height * 0.3)
  })

  test(`${product}: a good part has an empty mask and uses the camera's range without clipping`, () => {
    for (const seed of [1, 2]) {
      const { image, mask } = goodPart(product, seed)
      expect(mask.every((value) => value === 0)).toBe(true)
      const dark = image.filter((value) => value === 0).length / image.length
      const bright = image.filter((value) => value === 255).length / image.length
      expect(dark).toBeLessThan(0.02)
      expect(bright).toBeLessThan(0.02)
    }
  })

  for (const defect of defectsOf(product)) {
    test(`${product}: a ${defect} changes the picture inside its mask and nowhere far from it`, () => {
      for (const seed of [1, 2]) {
        const bad = synthesisePart({ product, ...size, seed, defect })
        const changed = differences(goodPart(product, seed), bad)
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

  test(`${product}: at twice the size the same part has the same defect`, () => {
    const [width, height] = [120, 110]
    for (const defect of defectsOf(product).filter((kind) => kind !== 'scratch' && kind !== 'crack')) {
      const small = synthesisePart({ product, width, height, seed: 3, defect })
      const large = halve(synthesisePart({ product, width: 2 * width, height: 2 * height, seed: 3, defect }))
      // Small shapes are ragged; a part or place of its own would share next to nothing.
      expect(sharedOf(small.mask, large.mask)).toBeGreaterThan(0.5)
      const far = differences(small, large).filter((value) => value > 60).length
      expect(far / large.mask.length).toBeLessThan(0.01)
    }
  })
}

/** A part at half the size; a pixel of the mask is set if two of its four are. */
function halve(part: Part): Part {
  const width = part.width / 2
  const height = part.height / 2
  const four = (i: number): number[] => {
    const at = 2 * (Math.floor(i / width) * part.width + (i % width))
    return [at, at + 1, at + part.width, at + part.width + 1]
  }
  const image = new Uint8Array(3 * width * height).map((_, k) =>
    Math.round(four(Math.floor(k / 3)).reduce((sum, at) => sum + part.image[3 * at + (k % 3)]! / 4, 0)),
  )
  const mask = new Uint8Array(width * height).map((_, i) =>
    four(i).filter((at) => part.mask[at] !== 0).length >= 2 ? 255 : 0,
  )
  return { width, height, image, mask }
}

/** Intersection over union. */
function sharedOf(a: Uint8Array, b: Uint8Array): number {
  const both = a.filter((value, i) => value !== 0 && b[i] !== 0).length
  return both / a.filter((value, i) => value !== 0 || b[i] !== 0).length
}

const anyDefect = fc
  .constantFrom(...partProducts)
  .chain((product) =>
    fc.record({ product: fc.constant(product), defect: fc.constantFrom(...defectsOf(product)) }),
  )

test('whatever the seed and the size, a defect is there, on the picture and brighter or darker than noise', () => {
  const sides = fc.integer({ min: smallestPart, max: 130 })
  const check = fc.property(anyDefect, fc.nat(), sides, sides, ({ product, defect }, seed, width, height) => {
    const bad = synthesisePart({ product, width, height, seed, defect })
    const changed = differences(synthesisePart({ product, width, height, seed }), bad)
    const inside = changed.filter((_, i) => bad.mask[i] !== 0)
    expect(inside.length).toBeGreaterThan(0)
    expect(inside.reduce((sum, value) => sum + value, 0) / inside.length).toBeGreaterThan(5)
  })
  fc.assert(check, { numRuns: 40 })
})

/** Direction in which a mask is longest, in radians from 0 to pi. */
function directionOf({ mask, width }: Part): number {
  const places = [...mask.keys()].filter((i) => mask[i] !== 0)
  const xs = places.map((i) => i % width)
  const ys = places.map((i) => Math.floor(i / width))
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  const [mx, my] = [mean(xs), mean(ys)]
  const xx = mean(xs.map((x) => (x - mx) ** 2))
  const yy = mean(ys.map((y) => (y - my) ** 2))
  const xy = mean(xs.map((x, k) => (x - mx) * (ys[k]! - my)))
  return (Math.atan2(2 * xy, xx - yy) / 2 + Math.PI) % Math.PI
}

test('cracks in wood follow its fibres, scratches cross brush marks', () => {
  for (let seed = 1; seed <= 6; seed++) {
    const along = directionOf(synthesisePart({ product: 'wood', ...size, seed, defect: 'crack' }))
    expect(Math.min(along, Math.PI - along)).toBeLessThan(0.35)
    const across = directionOf(synthesisePart({ product: 'metal', ...size, seed, defect: 'scratch' }))
    expect(Math.min(across, Math.PI - across)).toBeGreaterThan(0.2)
  }
})

test('pictures are these on every machine', async () => {
  const sums = partProducts.map(async (product) => {
    const defect = defectsOf(product).at(-1)!
    const { image, mask } = synthesisePart({ product, width: 64, height: 56, seed: 11, defect })
    return [product, defect, await sha256Hex(image), await sha256Hex(mask)]
      .map((word) => word.slice(0, 16))
      .join(' ')
  })
  expect(await Promise.all(sums)).toMatchInlineSnapshot(`
    [
      "fabric thread-pull 84f0a96a4f15bc02 e3628384b3a4f484",
      "metal misplaced 3d28656681156d26 5bd5cb169a57e331",
      "wood discolouration 843738c31ac0fdf1 fb8b906026540fe9",
      "blister misplaced 560da728e7e6b7d6 2f4793d045787797",
      "board misplaced f54598e7b50279af c6c341408de0648b",
      "flange misplaced 7f8b336b4bcb9b59 3f84c19e6632b47a",
    ]
  `)
})

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
  const torn = { product: 'fabric', ...size, seed: 1, defect: 'crack' } as const
  expect(() => synthesisePart(torn)).toThrow('a fabric has no crack')
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
    // A fabric cannot be scratched, so there are two defects fewer.
    expect(written).toMatchObject({ images: 18, masks: 6, seed: 5, width: 64, height: 72 })
    expect(written.products[1]).toEqual({
      name: 'fabric',
      train: 3,
      validation: 1,
      testGood: 2,
      defects: [{ name: 'missing', images: 2 }],
    })
    expect(seen.at(-1)).toBe(18)
    const dataset = await readDataset(folder)
    expect(dataset.layout).toBe('products')
    const description = await describeDataset(folder, { thorough: true })
    expect(description.products.map((product) => product.name)).toEqual(['fabric', 'flange'])
    for (const { name, counts, sizes } of description.products) {
      const kinds = name === 'fabric' ? 1 : 2
      expect(counts.train.good).toBe(3)
      expect(counts.validation.good).toBe(1)
      expect(counts.test).toMatchObject({ good: 2, defect: 2 * kinds })
      expect(counts.test.defects.map((defect) => defect.masks)).toEqual(
        Array.from({ length: kinds }, () => 2),
      )
      expect(sizes?.distinct).toEqual([{ width: 64, height: 72, count: 6 + 2 * kinds }])
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

test('what was drawn before it was stopped is removed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assay-synthesise-'))
  try {
    const controller = new AbortController()
    const stopped = synthesiseDataset(folder, {
      size: { width: 48, height: 48 },
      signal: controller.signal,
      onProgress: ({ done }) => (done === 3 ? controller.abort() : undefined),
    })
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(folder)).toEqual([])
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
