import { createGraph, writeOnnx } from '@assay/graph'
import { expect, test } from 'vitest'
import { resizePlane } from '../image/index.ts'
import { createRandom } from '../random.ts'
import { openSession } from '../runtime/index.ts'
import { testDevice } from '../testing/device.ts'
import { runGraph } from '../testing/run-graph.ts'
import { addScaled, addView, scaledSide } from './view.ts'

const side = 20
/** Places up to 500 are float32 here, exact to 3e-5, and so are the weights that they give. */
const tolerance = 1e-4

async function view(
  planes: Float32Array,
  n: number,
  c: number,
  h: number,
  w: number,
): Promise<readonly number[]> {
  const { view } = await runGraph(
    (g) => g.output('view', addView(g, g.input('planes', 'float32', ['n', c, 'h', 'w']), side)),
    { planes: { dtype: 'float32', shape: [n, c, h, w], data: planes } },
  )
  return view ?? []
}

function draw(length: number): Float32Array {
  const data = new Float32Array(length)
  createRandom(4, 'view', length).fillNormal(data)
  return data
}

test.each([
  [64, 64],
  [37, 101],
  [20, 20],
  [9, 31],
  [1, 1],
  [1, 500],
  [21, 19],
])('the view of %s x %s pixels is antialiased bilinear resizing', async (h, w) => {
  const planes = draw(2 * h * w)
  const found = await view(planes, 1, 2, h, w)
  const expected = [0, 1].flatMap((c) =>
    Array.from(resizePlane(planes.slice(c * h * w, (c + 1) * h * w), w, h, side, side)),
  )
  expect(found).toHaveLength(expected.length)
  expected.forEach((value, i) => expect(Math.abs((found[i] ?? NaN) - value)).toBeLessThan(tolerance))
})

test('a picture of the size of the view is its own view', async () => {
  const planes = draw(3 * side * side)
  expect(await view(planes, 1, 3, side, side)).toEqual(Array.from(planes))
})

test('the views of a batch are those of its pictures alone', async () => {
  const planes = draw(2 * 3 * 33 * 27)
  const half = planes.length / 2
  expect(await view(planes, 2, 3, 33, 27)).toEqual([
    ...(await view(planes.slice(0, half), 1, 3, 33, 27)),
    ...(await view(planes.slice(half), 1, 3, 33, 27)),
  ])
})

test.each([
  [96, 160, 2 / 3],
  [64, 64, 0.5],
  [32, 320, 0.3],
])('%s x %s pixels at scale %s are antialiased bilinear resizing', async (h, w, scale) => {
  const plane = draw(h * w)
  const [newH, newW] = [scaledSide(h, scale, 32), scaledSide(w, scale, 32)]
  const { scaled = [], same = [] } = await runGraph(
    (g) => {
      const planes = g.input('planes', 'float32', ['n', 1, 'h', 'w'])
      g.output('scaled', addScaled(g, planes, scale, 32))
      g.output('same', g.mul(addScaled(g, planes, 1, 32), 1))
    },
    { planes: { dtype: 'float32', shape: [1, 1, h, w], data: plane } },
  )
  expect(same).toEqual(Array.from(plane))
  const expected = resizePlane(plane, w, h, newW, newH)
  expect(scaled).toHaveLength(expected.length)
  expected.forEach((value, i) => expect(Math.abs((scaled[i] ?? NaN) - value)).toBeLessThan(tolerance))
})

test.each([1 / 4, 1 / 3, 1 / 2, 2 / 3, 0.7, 0.999])(
  'at scale %s the graph gives the sides that are planned for it',
  async (scale) => {
    const g = createGraph('sides')
    const planes = g.input('planes', 'float32', ['n', 1, 'h', 'w'])
    g.output('shape', g.shapeOf(addScaled(g, planes, scale, 32)))
    await using session = await openSession(writeOnnx(g.build()), testDevice, 'the test')
    for (let h = 32; h <= 1600; h += 32) {
      const { shape } = await session.run({
        planes: { dtype: 'float32', shape: [1, 1, h, 32], data: new Float32Array(h * 32) },
      })
      const expected = [1, 1, scaledSide(h, scale, 32), scaledSide(32, scale, 32)]
      expect(Array.from(shape?.data ?? [], Number), `${h}`).toEqual(expected)
      expect((expected[2] ?? NaN) % 32).toBe(0)
      expect(Math.abs((expected[2] ?? NaN) - h * scale)).toBeLessThanOrEqual(h * scale < 16 ? 32 : 16.001)
    }
  },
)
