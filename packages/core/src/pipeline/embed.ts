/**
 * One vector per picture, for comparing whole pictures with each other: mean and maximum of the deepest usual tap of
 * the smallest backbone. The maximum is what shows something small that is in no other picture.
 */
import { createGraph, writeOnnx } from '@assay/graph'
import { normaliseImage, openBackbone } from '../backbone/index.ts'
import type { Image } from '../image/index.ts'
import { chooseDevice, openSession } from '../runtime/index.ts'
import type { RunOptions } from './options.ts'
import { viewOf } from './view.ts'

export interface Embedder extends AsyncDisposable {
  embed(image: Image): Promise<Float32Array>
}

const side = 224
const backboneName = 'efficientnet-lite0'
const tap = 'stage5'

export async function openEmbedder({ threads }: Pick<RunOptions, 'threads'> = {}): Promise<Embedder> {
  const device = await chooseDevice({ device: 'cpu', threads })
  const backbone = await openBackbone(backboneName, [tap])
  const g = createGraph('embedding')
  const image = g.input('image', 'uint8', [1, side, side, 3])
  const { [tap]: planes } = backbone.build(g, normaliseImage(g, image, backbone.card.input), [tap])
  if (planes === undefined) throw new Error(`internal: backbone gave no tap ${tap}`)
  g.output('mean', g.mean(planes, { axes: [0, 2, 3] }))
  g.output('maximum', g.max(planes, { axes: [0, 2, 3] }))
  const session = await openSession(writeOnnx(g.build()), device, 'comparing pictures')
  return {
    embed: async (picture) => {
      const data = viewOf(picture, side)
      const { mean, maximum } = await session.run({
        image: { dtype: 'uint8', shape: [1, side, side, 3], data },
      })
      return Float32Array.of(...(mean?.data as Float32Array), ...(maximum?.data as Float32Array))
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
