/** A whole model, trained on a few made-up pictures with the test backbone. */
import { cardSchema, cardVersion, type Card, type PartialRecipe } from '@assay/contract'
import {
  addScaledFeatures,
  createFeatureStore,
  featureDimension,
  gridSize,
  openExtractor,
  planFeatures,
  toRows,
  type InputPixels,
} from '../feature/index.ts'
import { normaliseImage } from '../backbone/index.ts'
import { resizeBilinear } from '../image/index.ts'
import { findMethod } from '../method/catalogue.ts'
import type { Fitted, TrainingProduct } from '../method/method.ts'
import { buildModel, fitRouter, viewSide, writeModel, type ModelParts } from '../model/index.ts'
import { createTestBackbone } from './backbone.ts'
import { testDevice } from './device.ts'
import { drain } from './drain.ts'
import { drawPicture } from './picture.ts'
import { testRecipe } from './recipe.ts'
import { runGraph } from './run-graph.ts'
import { createTestCheckpoints } from './toy-store.ts'

export const tinySize = { height: 64, width: 96 } as const

export interface TinyOptions {
  readonly products?: number
  readonly layers?: readonly PartialRecipe[]
}

/** Trains PatchCore on four pictures of each product, unless the recipe says otherwise. */
export async function trainTinyModel({ products = 1, layers = [] }: TinyOptions = {}): Promise<ModelParts> {
  const recipe = testRecipe({ method: 'patchcore' }, ...layers)
  const pictures = Array.from({ length: products }, (_, kind) =>
    [1, 2, 3, 4].map((seed) => drawPicture({ ...tinySize, seed, kind })),
  )
  const plan = await planFeatures(createTestBackbone(), recipe, each(pictures.flat()), testDevice)
  const method = findMethod(recipe.method)
  const fitted: Fitted[] = []
  await using extractor = await openExtractor(plan, testDevice)
  for (const [i, scale] of plan.scales.entries()) {
    using store = createFeatureStore({
      dimension: featureDimension(plan),
      expectedRows: 0,
      precision: 'float32',
      budgetBytes: Infinity,
      spillPath: '',
    })
    const grid = gridSize(plan, tinySize.height, tinySize.width, scale)
    const trained: TrainingProduct[] = []
    let next = 0
    for (const [p, own] of pictures.entries()) {
      for (const picture of own) store.append((await extractor.extract(picture))[i] ?? new Float32Array())
      const images = own.map(() => next++)
      trained.push({ name: `product ${p}`, gridHeight: grid.height, gridWidth: grid.width, images })
    }
    const fit = method.fit({
      store,
      products: trained,
      damaged: [],
      recipe,
      device: testDevice,
      checkpoints: createTestCheckpoints(),
    })
    fitted.push((await drain(fit)).result)
  }
  const views = pictures.map((own) =>
    own.map(({ pixels, width, height }) => resizeBilinear(pixels, width, height, 3, viewSide, viewSide)),
  )
  const router = products > 1 && recipe.mode === 'assay' ? await fitRouter(views, plan, testDevice) : null
  const calibrations = pictures.map((_, p) => ({ threshold: 1 + p, scale: 0.5 + p }))
  return { plan, method, fitted, recipe, products, router, calibrations }
}

async function* each(pictures: readonly InputPixels[]): AsyncGenerator<InputPixels> {
  for (const picture of pictures) yield await Promise.resolve(picture)
}

/** A card for the parts; it carries no samples. */
export function cardOf({ recipe, products, router, calibrations }: ModelParts): Card {
  return cardSchema.parse({
    version: cardVersion,
    assay: '0.0.0',
    method: recipe.method,
    recipe,
    sees: 'good',
    weights: { backbone: 'test', origin: 'seeded', licence: 'MIT', sha256: '0'.repeat(64) },
    data: { images: 4 * products, sha256: '0'.repeat(64) },
    products: Array.from({ length: products }, (_, p) => ({
      name: `product ${p}`,
      ...tinySize,
      window: null,
      trainingImages: 4,
      heldOutImages: 1,
      image: calibrations[p],
      pixel: calibrations[p],
      mask: recipe.mask.binarisers.map(() => null),
      falseAlarms: recipe.calibration.falseAlarms,
      heldOutAbove: 0,
    })),
    view: router === null ? null : viewSide,
    samples: [],
    tools: {},
  })
}

export function tinyModelBytes(parts: ModelParts, card: Card = cardOf(parts)): Uint8Array {
  return writeModel(buildModel(parts), card)
}

/** Patch scores of one picture at each scale, and the grid that they lie on. */
export async function patchScores(
  parts: ModelParts,
  picture: InputPixels,
): Promise<readonly { readonly image: readonly number[]; readonly map: readonly number[] }[]> {
  const { plan, method, fitted, recipe } = parts
  const outputs = await runGraph(
    (g) => {
      const image = g.input('image', 'uint8', ['n', 'h', 'w', 3])
      const planes = normaliseImage(g, image, plan.backbone.card.input)
      addScaledFeatures(g, planes, plan).forEach((features, i) => {
        const rows = toRows(g, features)
        const scope = `scale${i}.`
        const own = fitted[i] as Fitted
        const input = { scope, rows, grid: features, fitted: own, recipe }
        const scores = method.addScores(g, { ...input, product: null, penalty: null })
        g.output(`image${i}`, scores.image)
        g.output(`map${i}`, g.mul(scores.map, 1))
      })
    },
    { image: { dtype: 'uint8', shape: [1, picture.height, picture.width, 3], data: picture.pixels } },
  )
  return plan.scales.map((_, i) => ({ image: outputs[`image${i}`] ?? [], map: outputs[`map${i}`] ?? [] }))
}
