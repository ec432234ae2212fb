import type { Recipe } from '@assay/contract'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { interpolateBilinear } from '../image/index.ts'
import { createRandom } from '../random.ts'
import { createTestBackbone } from '../testing/backbone.ts'
import { testRecipe } from '../testing/recipe.ts'
import { runGraph } from '../testing/run-graph.ts'
import {
  adaptivePoolingKernel,
  addPatchFeatures,
  addPatchTap,
  addScaledFeatures,
  featureDimension,
  gridSize,
  stackedWidth,
  toRows,
  type FeaturePlan,
} from './graph.ts'
import { randomProjection, randomRotation } from './projection.ts'

const backbone = createTestBackbone()

function planOf(features: Partial<Recipe['features']>, more: Partial<FeaturePlan> = {}): FeaturePlan {
  return {
    features: testRecipe({ features }).features,
    scales: [1],
    multipleOf: 32,
    backbone,
    projection: null,
    rotations: new Map(),
    tapScales: null,
    ...more,
  }
}

function drawNormals(length: number, ...stream: (string | number)[]): Float32Array {
  const data = new Float32Array(length)
  createRandom(3, ...stream).fillNormal(data)
  return data
}

/** torch's adaptive_avg_pool1d. */
function poolSlowly(values: readonly number[], bins: number): number[] {
  return Array.from({ length: bins }, (_, i) => {
    const from = Math.floor((i * values.length) / bins)
    const to = Math.ceil(((i + 1) * values.length) / bins)
    return values.slice(from, to).reduce((sum, v) => sum + v, 0) / (to - from)
  })
}

test('the pooling kernel is twice adaptive average pooling', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 4 }),
      fc.constantFrom(1, 3, 5),
      fc.integer({ min: 1, max: 12 }),
      (channels, side, rows) => {
        const taps = channels.length
        const dimension = rows * taps
        const patches = channels.map((c, i) => Array.from(drawNormals(c * side * side, 'patch', i, c)))
        const expected = poolSlowly(
          patches.flatMap((patch) => poolSlowly(patch, dimension)),
          dimension,
        )
        const found = patches.flatMap((patch, index) => {
          const kernel = adaptivePoolingKernel({
            channels: channels[index] ?? 0,
            side,
            dimension,
            taps,
            index,
          })
          expect(kernel.shape).toEqual([rows, channels[index], side, side])
          return Array.from({ length: rows }, (_, row) =>
            patch.reduce((sum, v, i) => sum + v * Number(kernel.data[row * patch.length + i]), 0),
          )
        })
        expect(found).toHaveLength(dimension)
        found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 5))
      },
    ),
  )
})

test('taps that do not divide the dimension are refused, for a bin would straddle two of them', () => {
  const options = { channels: 4, side: 3, dimension: 16, taps: 3, index: 0 }
  expect(() => adaptivePoolingKernel(options)).toThrow('3 taps do not divide 16')
})

test('adaptive features are the published order: unfold, resize, pool each tap, stack, pool again', async () => {
  const plan = planOf({ pooling: 'adaptive', dimension: 12, neighbourhood: 3, transform: 'none' })
  const [h, w] = [64, 96]
  const data = drawNormals(3 * h * w, 'planes')
  const { fine, coarse, features } = await runGraph(
    (g) => {
      const planes = g.input('planes', 'float32', [1, 3, h, w])
      const taps = backbone.build(g, planes, plan.features.taps)
      for (const [name, tap] of Object.entries(taps)) g.output(name, tap)
      g.output('features', addPatchFeatures(g, planes, plan))
    },
    { planes: { dtype: 'float32', shape: [1, 3, h, w], data } },
  )
  const [gh, gw] = [h / 8, w / 8]
  const unfoldedFine = unfold(fine ?? [], 6, gh, gw)
  const unfoldedCoarse = unfold(coarse ?? [], 10, gh / 2, gw / 2).map((plane) =>
    Array.from(
      interpolateBilinear(Float32Array.from(plane), gh / 2, gw / 2, gh, gw, { alignCorners: false }),
    ),
  )
  for (let position = 0; position < gh * gw; position++) {
    const at = (planes: readonly (readonly number[])[]): number[] => planes.map((p) => p[position] ?? NaN)
    const expected = poolSlowly(
      [...poolSlowly(at(unfoldedFine), 12), ...poolSlowly(at(unfoldedCoarse), 12)],
      12,
    )
    expected.forEach((value, d) => expect(features?.[d * gh * gw + position]).toBeCloseTo(value, 5))
  }
})

/** torch's Unfold(3, padding=1): one plane per channel and place in the 3 x 3 window, channel-major. */
function unfold(values: readonly number[], channels: number, height: number, width: number): number[][] {
  const planes: number[][] = []
  for (let c = 0; c < channels; c++)
    for (let dy = -1; dy <= 1; dy++)
      for (let dx = -1; dx <= 1; dx++)
        planes.push(
          Array.from({ length: height * width }, (_, i) => {
            const y = Math.floor(i / width) + dy
            const x = (i % width) + dx
            const isInside = y >= 0 && y < height && x >= 0 && x < width
            return isInside ? (values[(c * height + y) * width + x] ?? NaN) : 0
          }),
        )
  return planes
}

test('at the border a neighbourhood is averaged over what lies inside', async () => {
  const { mean } = await runGraph((g) => {
    const tap = g.constant([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3], 'float32')
    g.output('mean', addPatchTap(g, tap, planOf({ transform: 'none' }).features))
  })
  expect(mean).toEqual([3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7])
})

test('the signed square root keeps the sign and is 0 at 0', async () => {
  const { root } = await runGraph((g) => {
    const tap = g.constant([-9, 0, 4, 0.25], [1, 1, 2, 2], 'float32')
    g.output('root', addPatchTap(g, tap, planOf({ transform: 'signed-sqrt', neighbourhood: 1 }).features))
  })
  expect(root).toEqual([-3, 0, 2, 0.5])
})

test('rows follow the grid from left to right and from top to bottom', async () => {
  const { rows } = await runGraph((g) =>
    g.output(
      'rows',
      toRows(g, g.constant([1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60], [1, 2, 2, 3], 'float32')),
    ),
  )
  expect(rows).toEqual([1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, 60])
})

test('a projection multiplies every row, and the tap scales every tap', async () => {
  const matrix = randomProjection(16, 5, createRandom(1, 'projection'))
  const projection = { dtype: 'float32' as const, shape: [16, 5], data: matrix }
  const plain = planOf({})
  const scaled = planOf({}, { tapScales: [2, 0.5] })
  const projected = planOf({ dimension: 5 }, { tapScales: [2, 0.5], projection })
  const data = drawNormals(3 * 64 * 64, 'planes')
  const rowsOf = (plan: FeaturePlan): Promise<Record<string, readonly number[]>> =>
    runGraph(
      (g) => {
        const planes = g.input('planes', 'float32', [1, 3, 64, 64])
        g.output('rows', toRows(g, addPatchFeatures(g, planes, plan)))
      },
      { planes: { dtype: 'float32', shape: [1, 3, 64, 64], data } },
    )
  const [a = [], b = [], c = []] = [
    (await rowsOf(plain))['rows'],
    (await rowsOf(scaled))['rows'],
    (await rowsOf(projected))['rows'],
  ]
  expect([a.length, b.length, c.length]).toEqual([64 * 16, 64 * 16, 64 * 5])
  expect([featureDimension(plain), featureDimension(projected)]).toEqual([16, 5])
  a.forEach((value, i) => expect(b[i]).toBeCloseTo(value * (i % 16 < 6 ? 2 : 0.5), 5))
  for (let row = 0; row < 64; row++)
    for (let d = 0; d < 5; d++) {
      let sum = 0
      for (let i = 0; i < 16; i++) sum += (b[row * 16 + i] ?? NaN) * (matrix[i * 5 + d] ?? NaN)
      expect(c[row * 5 + d]).toBeCloseTo(sum, 4)
    }
})

test.each([
  ['a finer tap is averaged onto the grid of the first', ['coarse', 'fine']],
  ['a coarser tap is interpolated onto the grid of the first', ['fine', 'coarse']],
] as const)('tokens: %s', async (_, taps) => {
  const [h, w] = [64, 96]
  const stride = taps[0] === 'fine' ? 8 : 16
  const cells = (h / stride) * (w / stride)
  const rotations = new Map(
    [6, 10].map((from) => {
      const data = randomRotation(from, 8, createRandom(2, 'rotation', from))
      return [from, { dtype: 'float32' as const, shape: [from, 8], data }]
    }),
  )
  const features: Partial<Recipe['features']> = {
    pooling: 'tokens',
    taps: [...taps],
    dimension: 8,
    transform: 'none',
    neighbourhood: 1,
  }
  const plan = planOf({ ...features, groups: 2 }, { rotations })
  const fused = planOf({ ...features, groups: 1 }, { rotations })
  expect([featureDimension(plan), featureDimension(fused)]).toEqual([16, 8])
  const data = drawNormals(3 * h * w, 'planes')
  const found = await runGraph(
    (g) => {
      const planes = g.input('planes', 'float32', ['n', 3, 'h', 'w'])
      for (const [name, tap] of Object.entries(backbone.build(g, planes, plan.features.taps)))
        g.output(name, tap)
      g.output('groups', addPatchFeatures(g, planes, plan))
      g.output('mean', addPatchFeatures(g, planes, fused))
    },
    { planes: { dtype: 'float32', shape: [1, 3, h, w], data } },
  )
  const expected = taps.flatMap((name) => {
    const [channels, own] = name === 'fine' ? [6, 8] : [10, 16]
    const [th, tw] = [h / own, w / own]
    const planes = Array.from({ length: channels }, (_, c) => {
      const plane = Float32Array.from((found[name] ?? []).slice(c * th * tw, (c + 1) * th * tw))
      return interpolateBilinear(plane, th, tw, h / stride, w / stride, { alignCorners: false })
    })
    const matrix = rotations.get(channels)?.data ?? []
    return Array.from({ length: 8 * cells }, (_, i) =>
      planes.reduce(
        (sum, plane, c) => sum + (plane[i % cells] ?? NaN) * Number(matrix[c * 8 + Math.floor(i / cells)]),
        0,
      ),
    )
  })
  expect(found['groups']).toHaveLength(16 * cells)
  expected.forEach((value, i) => expect(found['groups']?.[i]).toBeCloseTo(value, 4))
  found['mean']?.forEach((value, i) =>
    expect(value).toBeCloseTo(((expected[i] ?? NaN) + (expected[8 * cells + i] ?? NaN)) / 2, 4),
  )
})

test('the grid is that of the first tap, at each scale', () => {
  expect(gridSize(planOf({}), 96, 160, 1)).toEqual({ height: 12, width: 20 })
  expect(gridSize(planOf({ taps: ['coarse'] }), 96, 160, 1)).toEqual({ height: 6, width: 10 })
  expect(gridSize(planOf({}), 96, 160, 0.5)).toEqual({ height: 8, width: 12 })
  expect(gridSize(planOf({}), 32, 32, 0.25)).toEqual({ height: 4, width: 4 })
  expect(stackedWidth(planOf({}))).toBe(16)
  expect(stackedWidth(planOf({ taps: ['coarse'] }))).toBe(10)
})

test('features at every scale have the grid that is promised', async () => {
  const plan = planOf({}, { scales: [1, 2 / 3, 0.25] })
  const sizes = await runGraph(
    (g) => {
      const planes = g.input('planes', 'float32', ['n', 3, 'h', 'w'])
      addScaledFeatures(g, planes, plan).forEach((features, i) => g.output(`${i}`, g.shapeOf(features)))
    },
    { planes: { dtype: 'float32', shape: [2, 3, 160, 96], data: new Float32Array(2 * 3 * 160 * 96) } },
  )
  plan.scales.forEach((scale, i) => {
    const { height, width } = gridSize(plan, 160, 96, scale)
    expect(sizes[i]).toEqual([2, 16, height, width])
  })
})
