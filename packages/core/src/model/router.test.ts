import { expect, test } from 'vitest'
import { normaliseImage } from '../backbone/index.ts'
import { resizeBilinear } from '../image/index.ts'
import { testDevice } from '../testing/device.ts'
import { drawPicture } from '../testing/picture.ts'
import { runGraph } from '../testing/run-graph.ts'
import { tinySize, trainTinyModel } from '../testing/tiny-model.ts'
import { addRouter, fitRouter, viewSide, type Router } from './router.ts'

const { plan, router } = await trainTinyModel({ products: 4 })

async function recognise(
  router: Router,
  picture: ReturnType<typeof drawPicture>,
): Promise<number | undefined> {
  const { height, width, pixels } = picture
  const { product } = await runGraph(
    (g) => {
      const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
      g.output('product', addRouter(g, normaliseImage(g, image, plan.backbone.card.input), plan, router))
    },
    { image: { dtype: 'uint8', shape: [1, height, width, 3], data: pixels } },
  )
  return product?.[0]
}

test('a new picture of each product is recognised', async () => {
  for (const kind of [0, 1, 2, 3])
    for (const seed of [20, 21]) {
      const picture = drawPicture({ ...tinySize, seed, kind })
      expect(await recognise(router as Router, picture)).toBe(kind)
    }
})

test('the picture itself is recognised as its view is, whatever its size', async () => {
  for (const kind of [1, 2]) {
    const large = drawPicture({ height: 320, width: 320, seed: 30, kind })
    const pixels = resizeBilinear(large.pixels, 320, 320, 3, viewSide, viewSide)
    const small = { ...large, height: viewSide, width: viewSide, pixels }
    expect(await recognise(router as Router, large)).toBe(await recognise(router as Router, small))
  }
})

test('stored views are centred unit descriptors with their product', async () => {
  const { views, products, mean } = router as Router
  const [count = 0, length = 0] = views.shape
  expect([count, mean.shape]).toEqual([16, [length]])
  expect(Array.from(products.data, Number)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3])
  for (let view = 0; view < count; view++)
    expect(
      Math.hypot(...Array.from(views.data.slice(view * length, (view + 1) * length), Number)),
    ).toBeCloseTo(1, 5)
})

test('a product of which no view could be read is never found, and faults nothing', async () => {
  const views = [1, 2].map((kind) => [
    drawPicture({ height: viewSide, width: viewSide, seed: 1, kind }).pixels,
  ])
  const partial = await fitRouter([[], ...views], plan, testDevice)
  const picture = drawPicture({ height: viewSide, width: viewSide, seed: 7, kind: 2 })
  expect(await recognise(partial, picture)).toBe(2)
})

test('taps of stride 16 alone can recognise products too', async () => {
  const coarse = await trainTinyModel({ products: 2, layers: [{ features: { taps: ['coarse'] } }] })
  expect(coarse.router?.views.shape).toEqual([8, 10 * 16])
})
