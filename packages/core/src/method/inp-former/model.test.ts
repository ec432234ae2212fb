/** The finished model with an INP-Former inside, on a tiny backbone. */
import { robisPaperRecipe, type PartialRecipe } from '@assay/contract'
import { expect, test } from 'vitest'
import { interpolateBilinear } from '../../image/index.ts'
import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { drawPicture } from '../../testing/picture.ts'
import { runGraph } from '../../testing/run-graph.ts'
import { patchScores, tinyModelBytes, tinySize, trainTinyModel } from '../../testing/tiny-model.ts'
import { addPublishedMap } from './map.ts'

const { height, width } = tinySize
const small: PartialRecipe = {
  method: 'robis',
  features: {
    pooling: 'tokens',
    taps: ['coarse', 'fine'],
    dimension: 12,
    groups: 2,
    transform: 'none',
    balance: false,
    tapWeights: [],
  },
  inpFormer: { headWidth: 4, blocks: 2, steps: 3, batch: 2, tokensPerImage: 6 },
}
const picture = drawPicture({ ...tinySize, seed: 9 })

async function runModel(layers: readonly PartialRecipe[]) {
  const parts = await trainTinyModel({ layers })
  await using session = await openSession(tinyModelBytes(parts), testDevice, 'the model')
  const { map, score } = await session.run({
    image: { dtype: 'uint8', shape: [1, height, width, 3], data: picture.pixels },
  })
  const [scores] = await patchScores(parts, picture)
  return { parts, map, score: Number(score?.data[0]), patches: scores?.map ?? [] }
}

test('in assay mode the image score is the mean over the strangest tokens', async () => {
  const { map, score, patches } = await runModel([small, { score: { topShare: 0.25 } }])
  expect(patches).toHaveLength(24)
  const top = [...patches].sort((a, b) => b - a).slice(0, 6)
  expect(score).toBeCloseTo(top.reduce((a, b) => a + b, 0) / 6, 5)
  expect(map?.shape).toEqual([1, height, width])
})

test('in paper mode map and image score come from the published map', async () => {
  const paper = {
    ...small,
    ...robisPaperRecipe(),
    features: small.features ?? {},
    inpFormer: small.inpFormer ?? {},
  }
  const { map, score, patches } = await runModel([paper])
  const { published = [] } = await runGraph(
    (g) => {
      const planes = g.input('planes', 'float32', ['n', 1, 'h', 'w'])
      g.output('published', addPublishedMap(g, g.constant(patches, [1, 1, 4, 6], 'float32'), planes))
    },
    { planes: { dtype: 'float32', shape: [1, 1, height, width], data: new Float32Array(height * width) } },
  )
  expect(published).toHaveLength(256 * 256)
  const top = [...published].sort((a, b) => b - a).slice(0, 655)
  expect(score).toBeCloseTo(top.reduce((a, b) => a + b, 0) / 655, 5)
  const expected = interpolateBilinear(Float32Array.from(published), 256, 256, height, width, {
    alignCorners: false,
  })
  expected.forEach((value, i) => expect(map?.data[i]).toBeCloseTo(value, 5))
})
