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
import { calibrate, poolingMove, poolScores, type Calibration } from '../calibrate/threshold.ts'
import { ownPenalty } from '../memory/bank.ts'
import { buildModel, type ModelParts } from '../model/index.ts'
import { createRandom } from '../random.ts'
import { openSession, type Device, type Session } from '../runtime/index.ts'
import { mapAhead } from './ahead.ts'
import { decodeAhead, decodePicture } from './decode.ts'
import { judgePicture } from './judge.ts'
import { createMasker, type MaskState } from './mask.ts'
import type { TrainEvent } from './options.ts'
import type { TrainingProductPlan } from './training-set.ts'

/** Training pictures per product that are judged without themselves. */
const leftOutImages = 64
/** Their maps are kept for the binarisers as far as they fit into so many bytes. */
const keptMapBytes = 256e6

export interface CalibratedProduct {
  readonly image: Calibration
  readonly pixel: Calibration
  readonly mask: MaskState
  /** Scores of the held-out pictures. */
  readonly heldOut: readonly number[]
}

export interface CalibrateInput {
  readonly parts: Omit<ModelParts, 'calibrations'>
  readonly plans: readonly TrainingProductPlan[]
  /** Per product: training pictures by their number, with their files. */
  readonly training: readonly (readonly { readonly picture: number; readonly file: string }[])[]
  readonly recipe: Recipe
  readonly device: Device
  readonly maxPixels: number | undefined
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
    const { falseAlarms, falseMasks } = recipe.calibration
    const move = poolingMove(held.peaks, left.peaks)
    for (const map of kept) fit?.add({ ...map, values: map.values.map((v) => v + move) })
    results.push({
      image: calibrate(poolScores(held.scores, left.scores), falseAlarms),
      pixel: calibrate(poolScores(held.peaks, left.peaks), falseMasks),
      mask: fit?.finish() ?? recipe.mask.binarisers.map(() => null),
      heldOut: held.scores,
    })
  }
  return results
}

function chooseLeftOut<T>(images: readonly T[], product: number, seed: number): readonly T[] {
  const count = Math.min(leftOutImages, images.length)
  const chosen = createRandom(seed, 'left-out', product).sample(images.length, count).sort()
  return Array.from(chosen, (i) => images[i] as T)
}

interface Scores {
  /** Image score of each picture. */
  readonly scores: readonly number[]
  /** Largest value of each map. */
  readonly peaks: readonly number[]
}

async function* scorePictures(
  { recipe, maxPixels, signal }: CalibrateInput,
  session: Session,
  plan: TrainingProductPlan,
  pictures: readonly { readonly file: string; readonly penalties: readonly Float32Array[] }[],
  progress: { done: number; readonly total: number },
  useMap: (map: AnomalyMap) => void,
): AsyncGenerator<TrainEvent, Scores> {
  const scores: number[] = []
  const peaks: number[] = []
  const decode = async ({ file, penalties }: (typeof pictures)[number]) => ({
    picture: await decodePicture(file, maxPixels),
    penalties,
  })
  for await (const { picture, penalties } of mapAhead(pictures, decodeAhead, decode)) {
    signal?.throwIfAborted()
    if ('type' in picture) {
      yield picture
    } else {
      const { score, map } = await judgePicture({
        session,
        image: picture.image,
        name: picture.file,
        geometry: plan.geometry,
        input: recipe.input,
        extra: Object.fromEntries(
          penalties.map((data, i) => [
            `penalty${i}`,
            { dtype: 'float32' as const, shape: [data.length], data },
          ]),
        ),
        signal,
      })
      scores.push(score)
      peaks.push(largest(map))
      useMap({ width: picture.image.width, height: picture.image.height, values: map })
    }
    yield { type: 'stage', stage: 'calibrate', done: ++progress.done, total: progress.total }
  }
  return { scores, peaks }
}

function largest(values: Float32Array): number {
  let best = -Infinity
  for (const v of values) if (v > best) best = v
  return best
}
