/**
 * Made-up patch features: every product has a pattern over its grid, every picture the pattern with noise.
 *
 * Small enough that methods train on them in a blink.
 */
import type { Tensor } from '@assay/graph'
import { createFeatureStore, type FeatureStore } from '../feature/index.ts'
import type { Checkpoints, DamagedPatches, TrainingProduct } from '../method/method.ts'
import { createRandom } from '../random.ts'

export interface ToyOptions {
  /** Pictures of each product. */
  readonly images: readonly number[]
  readonly grid: { readonly height: number; readonly width: number }
  readonly dimension: number
  readonly seed?: number
  /** Standard deviation of the noise; the patterns have 1. Default 0.2. */
  readonly noise?: number
}

export interface Toy extends Disposable {
  readonly store: FeatureStore
  readonly products: readonly TrainingProduct[]
  /** Patches of every second picture, moved away from the pattern. */
  readonly damaged: readonly DamagedPatches[]
}

export function createToy({ images, grid, dimension, seed = 1, noise = 0.2 }: ToyOptions): Toy {
  const patches = grid.height * grid.width
  const store = createFeatureStore({
    dimension,
    expectedRows: patches,
    precision: 'float32',
    budgetBytes: Infinity,
    spillPath: '',
  })
  const products: TrainingProduct[] = []
  const damaged: DamagedPatches[] = []
  let next = 0
  for (const [p, count] of images.entries()) {
    const pattern = new Float32Array(patches * dimension)
    createRandom(seed, 'toy-pattern', p).fillNormal(pattern)
    const own: number[] = []
    for (let i = 0; i < count; i++) {
      const rows = new Float32Array(pattern.length)
      const random = createRandom(seed, 'toy-picture', p, i)
      random.fillNormal(rows, noise)
      for (let v = 0; v < rows.length; v++) rows[v]! += pattern[v]!
      store.append(rows)
      if (i % 2 === 0) {
        const strange = rows.slice(0, Math.ceil(patches / 2) * dimension)
        for (let v = 0; v < strange.length; v++) strange[v]! += 2 * random.normal()
        const moved = new Float32Array(strange.length / dimension).fill(2 * Math.sqrt(dimension))
        damaged.push({ product: p, picture: next, rows: strange, moved })
      }
      own.push(next++)
    }
    products.push({ name: `product ${p}`, gridHeight: grid.height, gridWidth: grid.width, images: own })
  }
  return { store, products, damaged, [Symbol.dispose]: () => store[Symbol.dispose]() }
}

/** Checkpoints in memory; what is kept is a copy, as on a disk. */
export function createTestCheckpoints(): Checkpoints & { readonly names: () => string[] } {
  const kept = new Map<string, Readonly<Record<string, Tensor>>>()
  return {
    names: () => [...kept.keys()],
    load: (name) => Promise.resolve(kept.get(name) ?? null),
    save: (name, tensors) => {
      kept.set(
        name,
        Object.fromEntries(Object.entries(tensors).map(([k, t]) => [k, { ...t, data: t.data.slice() }])),
      )
      return Promise.resolve()
    },
  }
}
