/**
 * Thresholds from good pictures only: the held-out ones, and training pictures judged without themselves.
 *
 * A few held-out pictures tell where the scores of unseen good parts lie, but little about their spread. The
 * scores of training pictures, each with its own patches left out of the memory, tell the spread; they are
 * moved up to where the held-out ones lie and pooled with them.
 */
import { AssayError, type Recipe } from '@assay/contract'
import { writeOnnx } from '@assay/graph'
import type { AnomalyMap } from '../binarise/index.ts'
import { poolingMove } from '../calibrate/index.ts'
import { ownPenalty } from '../memory/bank.ts'
import { buildModel, type ModelParts } from '../model/index.ts'
import { createRandom } from '../random.ts'
import { openSession, type Device, type Session } from '../runtime/index.ts'
import { limitProduct, type GoodScores, type ProductLimits } from './limits.ts'
import { createMasker, type MaskState } from './mask.ts'
import type { TrainEvent } from './options.ts'
import type { PictureSource } from './picture-source.ts'
import { judgePictures, type PictureToJudge } from './pictures.ts'
import type { TrainingProductPlan } from './training-set.ts'

/** Training pictures per product that are judged without themselves. */
const leftOutImages = 64
/** Their maps are kept for the binarisers as far as they fit into so many bytes. */
const keptMapBytes = 256e6

export interface CalibratedProduct {
  readonly limits: ProductLimits
  readonly mask: MaskState
}

export interface CalibrateInput {
  readonly parts: Omit<ModelParts, 'calibrations'>
  readonly plans: readonly TrainingProductPlan[]
  /** Per product: training pictures by their number, with their files. */
  readonly training: readonly (readonly { readonly picture: number; readonly file: string }[])[]
  readonly recipe: Recipe
  readonly device: Device
  readonly maxPixels: number | undefined
  readonly source?: PictureSource | undefined
  readonly signal: AbortSignal | undefined
}

/** Runs the finished graph on good pictures of each product, which is known here and not guessed. */
export async function* calibrateProducts(
  input: CalibrateInput,
): AsyncGenerator<TrainEvent, readonly CalibratedProduct[]> {
  const { parts, plans, training, recipe, device } = input
  const owners = parts.fitted.map((f) => f.owners).filter((o) => o !== null)
  const results: CalibratedProduct[] = []
  const leftOut = training.map((images, p) =>
    owners.length === 0 ? [] : chooseLeftOut(images, p, recipe.seed),
  )
  const total = plans.reduce((sum, p, i) => sum + p.heldOut.length + (leftOut[i]?.length ?? 0), 0)
  const progress = { done: 0, total }
  for (const [p, plan] of plans.entries()) {
    const model = buildModel({
      ...parts,
      calibrations: plans.map(() => ({ threshold: 0, scale: 1 })),
      hasPenalty: true,
      ...(plans.length > 1 ? { fixedProduct: p } : {}),
    })
    await using session = await openSession(writeOnnx(model), device, 'calibrating')
    const unseen = plan.heldOut.map((file) => ({
      file,
      penalties: owners.map((o) => new Float32Array(o.shape[1] ?? 0)),
    }))
    const seen = (leftOut[p] ?? []).map(({ file, picture }) => ({
      file,
      penalties: owners.map((o) => ownPenalty(o, p, picture)),
    }))
    const masker = createMasker(recipe)
    const fit = masker.isFitted ? masker.startFit() : null
    const held = yield* scorePictures(input, session, plan, unseen, progress, (map) => fit?.add(map))
    const kept: AnomalyMap[] = []
    let bytes = 0
    const left = yield* scorePictures(input, session, plan, seen, progress, (map) => {
      bytes += map.values.byteLength
      if (fit !== null && bytes <= keptMapBytes) kept.push(map)
    })
    if (held.scores.length === 0)
      throw new AssayError('DATA_TOO_FEW_IMAGES', {
        path: plan.heldOut[0] ?? plan.name,
        product: plan.name,
        found: plan.training.length,
        needed: plan.training.length + 1,
      })
    const move = poolingMove(held.peaks, left.peaks)
    for (const map of kept) fit?.add({ ...map, values: map.values.map((v) => v + move) })
    results.push({
      limits: limitProduct(held, left, recipe.calibration),
      mask: fit?.finish() ?? recipe.mask.binarisers.map(() => null),
    })
  }
  return results
}

function chooseLeftOut<T>(images: readonly T[], product: number, seed: number): readonly T[] {
  const count = Math.min(leftOutImages, images.length)
  const chosen = createRandom(seed, 'left-out', product).sample(images.length, count).sort()
  return Array.from(chosen, (i) => images[i] as T)
}

async function* scorePictures(
  { recipe, maxPixels, source, signal }: CalibrateInput,
  session: Session,
  { geometry }: TrainingProductPlan,
  pictures: readonly { readonly file: string; readonly penalties: readonly Float32Array[] }[],
  progress: { done: number; readonly total: number },
  useMap: (map: AnomalyMap) => void,
): AsyncGenerator<TrainEvent, GoodScores> {
  const scores: number[] = []
  const peaks: number[] = []
  const toJudge = pictures.map(({ file, penalties }): PictureToJudge => ({
    file,
    extra: Object.fromEntries(
      penalties.map((data, i) => [`penalty${i}`, { dtype: 'float32' as const, shape: [data.length], data }]),
    ),
  }))
  const { input } = recipe
  yield* judgePictures(
    { session, geometry, input, maxPixels, source, signal },
    toJudge,
    progress,
    (judged) => {
      scores.push(judged.score)
      peaks.push(judged.peak)
      const { image, map, reduction } = judged
      useMap({ width: image.width, height: image.height, values: map, reduction })
    },
  )
  return { scores, peaks }
}
