/**
 * From the bytes of a float32 model to those of a smaller one. Only the backbone is touched: distances, heads and what
 * is decided from them stay in float32.
 */
import { AssayError, type Card, type CardExport } from '@assay/contract'
import {
  computeInFloat16,
  observeTensors,
  quantiseModel,
  storeAsFloat16,
  tensorsToObserve,
  type Range,
} from '@assay/graph'
import { readDataset } from '../dataset/index.ts'
import { scaleName, thresholdName, type ModelFile } from '../model/index.ts'
import { openSession, type Device, type Session } from '../runtime/index.ts'
import type { RunOptions, TrainEvent } from './options.ts'
import { goodSamples } from './good-samples.ts'
import { judgePictures } from './pictures.ts'
import { pairProducts } from './recalibrate.ts'

/** Initializers of the backbone, as all backbones name them. */
const isBackbone = (name: string): boolean => name.startsWith('backbone.')

/** What a recalibration replaces has to keep its type. */
const isCalibration = (name: string): boolean => name === thresholdName || name === scaleName

/** Pictures per product that show the ranges; more hardly widen them. */
const rangePictures = 64

export interface Converted {
  readonly bytes: Uint8Array
  readonly arithmetic: CardExport['arithmetic']
}

/** Large constants in float16; the layers, too, if no device is the CPU, which has no such kernels. */
export function toFloat16(bytes: Uint8Array, devices: readonly Device[]): Converted {
  if (devices.some(({ name }) => name === 'cpu'))
    return { bytes: storeAsFloat16(bytes, isCalibration), arithmetic: 'float32' }
  return {
    bytes: storeAsFloat16(computeInFloat16(bytes, isBackbone), isCalibration),
    arithmetic: 'float16',
  }
}

/** Good pictures of a product that show what a model computes on them. */
export interface GoodPictures {
  readonly product: number
  readonly files: readonly string[]
}

/** Those that a calibration would use, per product. Throws what reading the folder throws, and DATA_NO_GOOD_IMAGES. */
export async function findGoodPictures(
  card: Card,
  data: string,
  products: readonly string[] | undefined,
): Promise<readonly GoodPictures[]> {
  const dataset = await readDataset(data)
  return pairProducts(card, dataset, products).map(({ index, folder }) => {
    const files = goodSamples(folder).map((sample) => sample.path)
    if (files.length === 0)
      throw new AssayError('DATA_NO_GOOD_IMAGES', { path: folder.path, product: folder.name })
    return { product: index, files }
  })
}

/** At most `count` of a list, spread evenly over it. */
export function spread<T>(list: readonly T[], count: number): readonly T[] {
  const wanted = Math.min(count, list.length)
  return Array.from({ length: wanted }, (_, i) => list[Math.floor((i * list.length) / wanted)] as T)
}

export interface QuantiseInput extends Pick<RunOptions, 'threads' | 'maxPixels' | 'signal'> {
  readonly file: ModelFile
  readonly good: readonly GoodPictures[]
}

/** Layers in int8, in the ranges that they have on good pictures and on their inverses; other constants in float16. */
export async function* toInt8({
  file,
  good,
  threads = 1,
  maxPixels,
  signal,
}: QuantiseInput): AsyncGenerator<TrainEvent, Converted & { readonly images: number }> {
  const observed = observeTensors(file.bytes, tensorsToObserve(file.bytes, isBackbone))
  const ranges = new Map<string, Range>()
  const device: Device = { name: 'cpu', reason: 'ranges are observed there', threads }
  await using session = await openSession(observed.bytes, device, 'the observed model')
  const watch = (outputs: Awaited<ReturnType<Session['run']>>): void => {
    for (const { tensor, min, max } of observed.outputs) {
      const [low, high] = [Number(outputs[min]?.data[0]), Number(outputs[max]?.data[0])]
      const known = ranges.get(tensor)
      ranges.set(tensor, {
        min: Math.min(low, known?.min ?? low),
        max: Math.max(high, known?.max ?? high),
      })
    }
  }
  const watched: Session = {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds) => {
      const outputs = await session.run(feeds)
      watch(outputs)
      // Defects reach farther than good pictures do; an inverted picture is strange everywhere.
      const { image } = feeds
      if (image?.data instanceof Uint8Array)
        watch(await session.run({ ...feeds, image: { ...image, data: image.data.map((v) => 255 - v) } }))
      return outputs
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const chosen = good.map(({ product, files }) => ({ product, files: spread(files, rangePictures) }))
  const progress = { done: 0, total: chosen.reduce((sum, { files }) => sum + files.length, 0) }
  let images = 0
  for (const { product, files } of chosen) {
    const { height, width, window } = file.card.products[product]!
    const given = {
      session: watched,
      geometry: { height, width, window },
      input: file.card.recipe.input,
      maxPixels,
      signal,
    }
    const toJudge = files.map((path) => ({ file: path }))
    yield* judgePictures(given, toJudge, progress, () => void images++)
  }
  if (images === 0)
    throw new AssayError('DATA_NO_GOOD_IMAGES', {
      path: chosen[0]?.files[0] ?? '',
      product: file.card.products[0]?.name ?? '',
    })
  const bytes = storeAsFloat16(quantiseModel(file.bytes, isBackbone, ranges), isCalibration)
  return { bytes, arithmetic: 'int8', images }
}
