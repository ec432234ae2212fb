/**
 * Features that cannot be kept, because every picture looks different each time it is learned from: a store that
 * holds the pictures of one optimiser step.
 *
 * A method reads it like any store. Before each step whoever drives the fit loads the pictures of that step.
 */
import type { FeatureStore } from '../../feature/index.ts'
import type { Fitted, FitEvent, FitInput, MethodDefinition } from '../../method/method.ts'
import { createPasses } from '../../method/passes.ts'
import { imagesPerPass } from '../../method/inp-former/batch.ts'

export interface PictureFit {
  readonly method: MethodDefinition
  readonly input: Omit<FitInput, 'store'>
  /** Values per row. */
  readonly dimension: number
  /** Rows of every picture. */
  readonly rows: number
  /** The rows `[rows, dimension]` of an image as it looks at a step. */
  readonly extract: (image: number, step: number, place: number) => Promise<Float32Array>
}

/**
 * Fits INP-Former on pictures that are drawn anew for every step; they are those that its own batches ask for.
 * The store refuses an image that was not loaded, so a change of that order cannot pass unnoticed.
 */
export async function* fitOnPictures(options: PictureFit): AsyncGenerator<FitEvent, Fitted> {
  const { method, input, dimension, rows, extract } = options
  const held = new Map<number, Float32Array>()
  const store: FeatureStore = {
    dimension,
    isOnDisk: false,
    rowsOf: () => rows,
    pictureOf: (image) => image,
    append: () => {
      throw new Error('internal: pictures are loaded for each step')
    },
    read: (image, wanted, out, offset = 0) => {
      const own = held.get(image)
      if (own === undefined) throw new Error(`internal: image ${image} was not loaded for this step`)
      if (wanted === null) out.set(own, offset)
      else
        wanted.forEach((row, i) =>
          out.set(own.subarray(row * dimension, (row + 1) * dimension), offset + i * dimension),
        )
    },
    [Symbol.dispose]: () => held.clear(),
  }
  const { products, recipe, checkpoints, signal } = input
  const sample = createPasses({
    products,
    batch: recipe.inpFormer.batch,
    perPass: imagesPerPass(input),
    seed: recipe.seed,
    stream: 'inp-former-pass',
  })
  const load = async (step: number): Promise<void> => {
    held.clear()
    for (const [place, { image }] of sample(step).entries()) {
      // The fit sees it before it asks for the images, and keeps what was reached.
      if (signal?.aborted === true) return
      // In a batch larger than the data an image comes twice and looks the same.
      if (!held.has(image)) held.set(image, await extract(image, step, place))
    }
  }
  using kept = store
  const fit = method.fit({ ...input, store: kept })
  await load(Number((await checkpoints.load('head'))?.['step']?.data[0] ?? 0))
  for (;;) {
    const { done, value } = await fit.next()
    if (done === true) return value
    yield value
    if (value.type !== 'step' || value.step === value.of) continue
    // A fault ends the fit too, so that its session is closed.
    await load(value.step).catch((error: unknown) => fit.throw(error))
  }
}
