/**
 * Features of training pictures: the same graph as in the finished model, run once per picture.
 */
import type { Recipe } from '@assay/contract'
import { createGraph, writeOnnx } from '@assay/graph'
import { normaliseImage, type Backbone } from '../backbone/index.ts'
import { openSession, type Device } from '../runtime/index.ts'
import { createRandom } from '../random.ts'
import {
  addPatchTap,
  addScaledFeatures,
  groupWidth,
  stackedWidth,
  toRows,
  type FeaturePlan,
} from './graph.ts'
import { randomProjection, randomRotation } from './projection.ts'

/** A uint8 picture at the size of the model input. */
export interface InputPixels {
  readonly height: number
  readonly width: number
  readonly pixels: Uint8Array
}

export interface Extractor extends AsyncDisposable {
  /** `[patches, dimension]` of one picture, for each scale of the plan. */
  extract(input: InputPixels): Promise<Float32Array[]>
}

/** Keeps a warm session that turns pictures into patch features. */
export async function openExtractor(plan: FeaturePlan, device: Device): Promise<Extractor> {
  const g = createGraph('features')
  const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  const planes = normaliseImage(g, image, plan.backbone.card.input)
  addScaledFeatures(g, planes, plan).forEach((features, i) => g.output(`rows${i}`, toRows(g, features)))
  const session = await openSession(writeOnnx(g.build()), device, 'extracting features')
  return {
    extract: async ({ pixels, height, width }) => {
      const outputs = await session.run({
        image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels },
      })
      return plan.scales.map((_, i) => outputs[`rows${i}`]?.data as Float32Array)
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}

/** Fixes what the feature graph needs beyond the recipe: the scale of each tap and the projection. */
export async function planFeatures(
  backbone: Backbone,
  recipe: Recipe,
  samples: AsyncIterable<InputPixels>,
  device: Device,
): Promise<FeaturePlan> {
  const { features, seed } = recipe
  const tapScales =
    features.pooling !== 'adaptive' && features.balance
      ? await measureTapScales(backbone, features, samples, device)
      : null
  const from = stackedWidth({ backbone, features })
  const isProjected = features.pooling === 'mean' && features.dimension > 0 && features.dimension < from
  const projection = isProjected
    ? {
        dtype: 'float32' as const,
        shape: [from, features.dimension],
        data: randomProjection(from, features.dimension, createRandom(seed, 'projection')),
      }
    : null
  const { scales, multipleOf } = recipe.input
  const rotations = features.pooling === 'tokens' ? drawRotations(backbone, features, seed) : new Map()
  return { features, scales, multipleOf, backbone, projection, rotations, tapScales }
}

/** One for each number of channels that is not the width of a group already: taps of a stage share a space. */
function drawRotations(
  backbone: Backbone,
  features: Recipe['features'],
  seed: number,
): FeaturePlan['rotations'] {
  const width = groupWidth({ backbone, features })
  const channels = backbone.card.taps.filter((t) => features.taps.includes(t.name)).map((t) => t.channels)
  return new Map(
    [...new Set(channels)]
      .filter((from) => from !== width)
      .map((from) => [
        from,
        {
          dtype: 'float32',
          shape: [from, width],
          data: randomRotation(from, width, createRandom(seed, 'rotation', from)),
        },
      ]),
  )
}

/** Weight / sqrt(total variance over the channels) of each tap, pooled over the sample pictures. */
async function measureTapScales(
  backbone: Backbone,
  features: Recipe['features'],
  samples: AsyncIterable<InputPixels>,
  device: Device,
): Promise<readonly number[]> {
  const g = createGraph('tap-scales')
  const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
  const taps = backbone.build(g, normaliseImage(g, image, backbone.card.input), features.taps)
  features.taps.forEach((name, i) => {
    const tap = taps[name]
    if (tap === undefined) throw new Error(`internal: backbone gave no tap ${name}`)
    const gathered = addPatchTap(g, tap, features)
    g.output(`mean${i}`, g.mean(gathered, { axes: [0, 2, 3] }))
    g.output(`square${i}`, g.mean(g.square(gathered), { axes: [0, 2, 3] }))
  })
  await using session = await openSession(writeOnnx(g.build()), device, 'measuring the taps')
  const means: Float64Array[] = []
  const squares: Float64Array[] = []
  let count = 0
  for await (const { pixels, height, width } of samples) {
    const result = await session.run({
      image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels },
    })
    features.taps.forEach((_, i) => {
      accumulate(means, i, result[`mean${i}`]?.data as Float32Array)
      accumulate(squares, i, result[`square${i}`]?.data as Float32Array)
    })
    count++
  }
  return features.taps.map((_, i) => {
    let variance = 0
    means[i]?.forEach((sum, c) => (variance += (squares[i]?.[c] ?? 0) / count - (sum / count) ** 2))
    return (features.tapWeights[i] ?? 1) / Math.sqrt(Math.max(variance, 1e-12))
  })
}

function accumulate(sums: Float64Array[], index: number, values: Float32Array): void {
  const sum = (sums[index] ??= new Float64Array(values.length))
  for (let c = 0; c < values.length; c++) sum[c]! += values[c]!
}
