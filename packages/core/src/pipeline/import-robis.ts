/**
 * Makes a model file of the `model.pth` that the authors' code of RoBiS or INP-Former saved: paper mode with their
 * encoder and head.
 *
 * The file says neither what its pictures were scaled to nor thresholds: the first is told, the second are set on
 * good pictures that the user gives, as after a training. Their codes keep the last epoch, whatever the tests say.
 */
import { AssayError, type PartialRecipe, type Recipe } from '@assay/contract'
import {
  createDinoV2,
  findBackbone,
  offsetPositions,
  readBackbone,
  type Backbone,
  type BackboneEntry,
} from '../backbone/index.ts'
import { planFeatures } from '../feature/index.ts'
import { readImageHeader } from '../image/index.ts'
import { findMethod } from '../method/catalogue.ts'
import { readPublishedHead, type PublishedHead } from '../method/inp-former/checkpoint.ts'
import { buildModel } from '../model/index.ts'
import { findPublished, openCheckpoint } from '../weights/index.ts'
import { toImageError } from './decode.ts'
import { goodSamples } from './good-samples.ts'
import {
  calibrateImport,
  findProduct,
  identifyFile,
  noPictures,
  onlyName,
  planProducts,
  startImport,
  writeImport,
  type ImportOptions,
  type ImportResult,
} from './import.ts'
import type { TrainEvent } from './options.ts'
import { resolveRecipe } from './recipe.ts'

export interface ImportRobisOptions extends ImportOptions {
  /** `model.pth`: head and encoder of one product. */
  readonly checkpoint: string
  /** The product; by default the only one of the data. */
  readonly product?: string | undefined
  /**
   * Side of the model input. 518 (default) scales pictures or windows to it, as RoBiS does; 392 scales pictures to
   * 448 x 448 and takes the middle, as INP-Former does.
   */
  readonly input?: 518 | 392 | undefined
  /** Side of the windows, in pixels of the picture. Default: 1024 where a good picture is larger, else none. */
  readonly window?: number | undefined
}

/** As published by RoBiS. */
const publishedWindow = 1024
/** What INP-Former scales both sides to, and what it takes of that. */
const published = { resize: 448, crop: 392 }

/** The encoders that both know; all positions are resized in the way of the models without registers. */
const encoders: readonly BackboneEntry[] = (['s', 'b', 'l'] as const).flatMap((size) =>
  [true, false].map((hasRegisters) => createDinoV2(size, { hasRegisters, positions: offsetPositions })),
)

/**
 * Writes the model. Throws WEIGHTS_UNSUITABLE with the first tensors that a head or the encoder lacks or has too
 * many and for a head that does not go with the encoder, OPTION_INVALID for a name that is needed and for windows at
 * 392, and MODEL_PARITY_FAILED for a provider that is too far from the CPU.
 */
export async function* importRobis(
  options: ImportRobisOptions,
  among: readonly BackboneEntry[] = encoders,
): AsyncGenerator<TrainEvent, ImportResult> {
  const { checkpoint } = options
  const entry = findBackbone(options.backbone ?? 'dinov2reg-vit-b14', among)
  const importing = yield* startImport(options)
  const { dataset, device } = importing
  const names = [options.product ?? onlyName(dataset)]
  const good = names.flatMap((name) => goodSamples(findProduct(dataset, names, name)))
  const input = await chooseInput(
    options,
    good.map((s) => s.path),
  )
  const file = await identifyFile(checkpoint, options.signal)
  const { backbone, head, recipe } = await readTrained(checkpoint, file.sha256, entry, input)
  const plans = yield* planProducts(importing, names, recipe)
  const parts = {
    plan: await planFeatures(backbone, recipe, noPictures(), device),
    method: findMethod('robis'),
    fitted: [{ tensors: head.tensors, steps: 0, owners: null }],
    router: null,
    recipe,
    products: 1,
  }
  const calibrated = yield* calibrateImport(importing, parts, plans)
  const model = buildModel({ ...parts, calibrations: calibrated.map((c) => c.limits.image) })
  const files = [file]
  return yield* writeImport(importing, { model, recipe, backbone, sees: 'good', files, plans, calibrated })
}

async function chooseInput(
  { input = 518, window }: Pick<ImportRobisOptions, 'input' | 'window'>,
  good: readonly string[],
): Promise<NonNullable<PartialRecipe['input']>> {
  if (input === published.crop) {
    if (window === undefined) return { fit: 'square-crop', ...published }
    throw new AssayError('OPTION_INVALID', {
      option: '--window',
      value: String(window),
      reason: 'windows are scaled to 518; of an input of 392 the border would be cut off',
    })
  }
  const side = window ?? ((await isLarger(good, publishedWindow)) ? publishedWindow : null)
  return side === null ? { fit: 'whole' } : { fit: 'tiles', window: side }
}

/** Whether a picture has a side longer than that. What cannot be read is told when the thresholds are set. */
async function isLarger(files: readonly string[], side: number): Promise<boolean> {
  for (const file of files) {
    try {
      const { width, height } = await readImageHeader(file)
      if (Math.max(width, height) > side) return true
    } catch (error) {
      toImageError(file, error)
    }
  }
  return false
}

interface Trained {
  readonly head: PublishedHead
  readonly backbone: Backbone
  readonly recipe: Recipe
}

async function readTrained(
  path: string,
  sha256: string,
  entry: BackboneEntry,
  input: NonNullable<PartialRecipe['input']>,
): Promise<Trained> {
  await using file = await openCheckpoint(path)
  const head = await readPublishedHead(file)
  const { width, heads, blocks, prototypes } = head.plan
  requireHead(head, entry, path)
  const inpFormer = { headWidth: width / heads, blocks, prototypes }
  const backbone = entry.card.id
  const recipe = resolveRecipe(
    { method: 'robis', mode: 'paper', backbone, recipe: { input, inpFormer } },
    1,
    [entry],
  )
  const { origin, licence } = findPublished(backbone)
  const stated = { origin: `${origin}; as the imported file holds it`, licence, sha256 }
  return { head, backbone: await readBackbone(entry, head.encoder, stated, recipe.features.taps), recipe }
}

/** What the shapes of the head alone do not tell. */
function requireHead({ plan }: PublishedHead, { card }: BackboneEntry, path: string): void {
  const { width, heads, blocks, groups } = plan
  const refuse = (reason: string): never => {
    throw new AssayError('WEIGHTS_UNSUITABLE', { path, wanted: `INP-Former on ${card.id}`, reason })
  }
  const tokens = card.taps[0]?.channels
  if (width !== tokens)
    refuse(`its "prototype_token" is of width ${width}, but that backbone has tokens of width ${tokens}`)
  if (width % heads !== 0)
    refuse(`its "decoder.0.attn.learn_scale" is of ${heads} heads, which do not divide the width of ${width}`)
  if (blocks % groups !== 0)
    refuse(`its last block is "decoder.${blocks - 1}", and ${blocks} blocks do not make ${groups} groups`)
}
