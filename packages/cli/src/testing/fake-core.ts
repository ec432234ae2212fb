/**
 * The library with made-up models: pictures are really decoded, scored by their brightness, and everything
 * else is the real thing. So a command is tested without training anything.
 */
import { AssayError, defaultRecipe, type Card, type Intervals, type Metrics } from '@assay/contract'
import * as core from '@assay/core'
import type { InspectedImage, Inspector } from '@assay/core'
import type { Core } from '../core.ts'

export const fakeCard: Card = {
  version: 1,
  assay: '0.1.0',
  method: 'patchcore',
  recipe: { ...defaultRecipe, method: 'patchcore' },
  sees: 'good',
  weights: { backbone: 'efficientnet-lite0', origin: 'origin', licence: 'Apache-2.0', sha256: '00' },
  data: { images: 20, sha256: '00' },
  products: ['cap', 'tile'].map((name) => ({
    name,
    height: 64,
    width: 64,
    window: null,
    trainingImages: 18,
    heldOutImages: 2,
    image: { threshold: 100, scale: 20 },
    pixel: { threshold: 100, scale: 20 },
    mask: [null],
    falseAlarms: 0.02,
    heldOutAbove: 0,
    unsure: null,
    aims: null,
    promised: { falseAlarms: 0.2, falseMasks: 0.3, confidence: 0.95 },
    zones: null,
    history: [],
  })),
  view: 64,
  samples: [],
  parity: [],
  tools: {},
}

/** The real library with some of its functions replaced. */
export function createFakeCore(replaced: Partial<Core> = {}): Core {
  return { ...core, openModel: () => Promise.resolve(createFakeInspector()), ...replaced }
}

/**
 * Calls a picture a defect when its brightest pixel is above 100, unsure above 80; the map is the brightness. `before` runs
 * ahead of each picture and may throw.
 */
export function createFakeInspector(card: Card = fakeCard, before: () => void = () => undefined): Inspector {
  const inspect: Inspector['inspect'] = async (source, options = {}) => {
    if (typeof source !== 'string') throw new Error('internal: the fake inspects files only')
    before()
    const image = await core.decodeImage(source)
    return inspectBrightness(options.name ?? source, image, options.product ?? 'cap')
  }
  return {
    card,
    device: { name: 'cpu', reason: 'asked for', threads: 1 },
    leftOut: null,
    inspect,
    async *inspectAll(inputs, options) {
      for (const input of inputs) {
        try {
          yield { input, inspected: await inspect(input, options), error: null }
        } catch (error) {
          if (!(error instanceof AssayError)) throw error
          yield { input, inspected: null, error }
        }
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function inspectBrightness(name: string, image: core.Image, product: string): InspectedImage {
  const { width, height } = image
  const map = Float32Array.from(core.toGrey8(image).pixels)
  const mask = Uint8Array.from(map, (v) => (v > 100 ? 1 : 0))
  const score = map.reduce((a, b) => Math.max(a, b))
  const isDefect = score > 100
  return {
    image,
    width,
    height,
    map,
    mask,
    reduction: 1,
    zones: null,
    calibratedMap: map.map((v) => 1 / (1 + Math.exp((100 - v) / 20))),
    record: {
      image: name,
      product,
      score,
      calibrated: 1 / (1 + Math.exp((100 - score) / 20)),
      threshold: 100,
      verdict: isDefect ? 'defect' : score > 80 ? 'unsure' : 'good',
      regions: isDefect ? [{ box: [0, 0, 2, 2], areaPx: 4, lengthPx: 5, mean: 1, peak: score }] : [],
      map: null,
      mask: null,
      error: null,
    },
  }
}

/** A picture of the given grey with a square of another grey in it, as the bytes of a PNG. */
export function drawPart(grey: number, spot: number, width = 24, height = 16): Promise<Uint8Array> {
  const pixels = new Uint8Array(width * height).fill(grey)
  for (let y = 4; y < 8; y++) pixels.fill(spot, y * width + 5, y * width + 9)
  return core.encodePng(pixels, width, height, 1)
}

const fakeMetrics: Metrics = {
  imageAuroc: 0.9,
  imageAp: 0.8,
  imageF1Max: 0.7,
  pixelAuroc: null,
  pixelAp: null,
  pixelF1Max: null,
  aupro30: null,
  aupro05: null,
  why: { pixelAuroc: 'no masks' },
  more: {
    segF1: 0.6,
    iou: 0.5,
    classF1: 0.4,
    auroc05: null,
    auroc05Mcclish: null,
    aupimo: null,
    why: { auroc05: 'no masks' },
  },
}

const fakeIntervals: Intervals = {
  confidence: 0.95,
  draws: 1000,
  seed: 0,
  imageAuroc: { low: 0.81, high: 0.99 },
  imageAp: null,
  pixelAuroc: null,
  aupro30: null,
  aupro05: null,
}

/** An evaluation that really inspects the test images of `data` with the made-up model. */
export const fakeEvaluateModel: Core['evaluateModel'] = async function* ({ data, intervals }) {
  const inspector = createFakeInspector()
  const { products } = await core.readDataset(data)
  const samples = products.flatMap((p) => p.samples.filter((s) => s.split === 'test'))
  for (const [i, sample] of samples.entries()) {
    yield { type: 'stage', done: i, total: samples.length, image: sample.path }
    try {
      const inspected = await inspector.inspect(sample.path)
      const truth = sample.label === 'good' ? new Uint8Array(inspected.mask.length) : null
      yield { type: 'inspected', inspected, label: sample.label, defect: sample.defect, truth }
    } catch (error) {
      if (!(error instanceof AssayError)) throw error
      yield {
        type: 'image-error',
        image: sample.path,
        code: error.code,
        message: error.message,
        hint: error.hint,
      }
    }
  }
  const names = products.map((p) => p.name)
  const metrics: Metrics =
    intervals === true && fakeMetrics.more !== undefined
      ? { ...fakeMetrics, more: { ...fakeMetrics.more, intervals: fakeIntervals } }
      : fakeMetrics
  const confusion = { goodPassed: 1, goodFlagged: 0, defectsFound: 1, defectsMissed: 0 }
  return {
    evaluation: { mean: fakeMetrics, products: Object.fromEntries(names.map((name) => [name, metrics])) },
    routing: { correct: 2, total: 2 },
    confusion: Object.fromEntries(names.map((name) => [name, confusion])),
    seconds: 1.5,
    images: samples.length,
  }
}
