/** Which training images a step learns from: whole shuffled passes over all products, without a gap between them. */
import { createRandom } from '../random.ts'
import type { TrainingProduct } from './method.ts'

export interface Sample {
  /** Number of the image in the store. */
  readonly image: number
  readonly product: number
}

export interface PassOptions {
  readonly products: readonly TrainingProduct[]
  /** Images per step. */
  readonly batch: number
  /** Images of one pass; the rest of its shuffled order is passed over. */
  readonly perPass: number
  readonly seed: number
  /** Names the stream of random numbers. */
  readonly stream: string
}

/** The images of each step, which depend on the seed and the step alone. */
export function createPasses(options: PassOptions): (step: number) => Sample[] {
  const { products, batch, perPass, seed, stream } = options
  const all = products.flatMap((p, product) => p.images.map((image) => ({ image, product })))
  let shuffled: { readonly pass: number; readonly order: readonly Sample[] } | undefined
  const orderOf = (pass: number): readonly Sample[] => {
    if (shuffled?.pass !== pass) {
      const order = [...all]
      createRandom(seed, stream, pass).shuffle(order)
      shuffled = { pass, order }
    }
    return shuffled.order
  }
  return (step) =>
    Array.from({ length: batch }, (_, i) => {
      const position = step * batch + i
      const sample = orderOf(Math.floor(position / perPass))[position % perPass]
      if (sample === undefined) throw new Error('internal: no image to sample')
      return sample
    })
}
