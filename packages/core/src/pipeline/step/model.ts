/**
 * The trained model of an object between the published steps: what was learned as `model.safetensors`, with the
 * reference's names, or the reference's own `model.pth`, which holds the encoder too.
 */
import { AssayError } from '@assay/contract'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { openBackbone, readBackbone, type Backbone } from '../../backbone/index.ts'
import { readPublishedHead, type PublishedHead } from '../../method/inp-former/checkpoint.ts'
import { openCheckpoint } from '../../weights/index.ts'
import type { PublishedEncoder } from './encoder.ts'
import { exists } from './record.ts'
import type { StepSettings } from './settings.ts'

export interface TrainedModel extends Pick<PublishedHead, 'plan' | 'tensors'> {
  readonly backbone: Backbone
  /** Of the file. */
  readonly sha256: string
}

/** What a model file says about itself, as far as maps hang on it. */
export function metadataOf(
  settings: Pick<StepSettings, 'encoder' | 'input_size' | 'crop_size'>,
): Readonly<Record<string, string>> {
  const { encoder, input_size, crop_size } = settings
  return { encoder, input_size: String(input_size), crop_size: String(crop_size) }
}

/** The file of an object: ours, or else the reference's; null if there is none. */
export async function findModel(folder: string, object: string): Promise<string | null> {
  for (const name of [modelName, 'model.pth']) {
    const path = join(folder, object, name)
    if (await exists(path)) return path
  }
  return null
}

export const modelName = 'model.safetensors'

/** Throws WEIGHTS_UNSUITABLE for a file that was trained with another encoder or size. */
export async function openModelFile(
  path: string,
  encoder: PublishedEncoder,
  settings: StepSettings,
): Promise<TrainedModel> {
  await using file = await openCheckpoint(path)
  for (const [key, value] of Object.entries(metadataOf(settings))) {
    const found = file.metadata[key]
    if (found !== undefined && found !== value)
      throw new AssayError('WEIGHTS_UNSUITABLE', {
        path,
        wanted: `the weights of INP-Former with ${key} ${value}`,
        reason: `it was trained with ${key} ${found}`,
      })
  }
  const head = await readPublishedHead(file)
  const { entry } = encoder
  const { card } = entry
  const sha256 = await sha256OfFile(path)
  const width = card.taps[0]?.channels
  if (head.plan.width !== width)
    throw new AssayError('WEIGHTS_UNSUITABLE', {
      path,
      wanted: `the weights of INP-Former on ${encoder.name}`,
      reason: `its tokens have ${head.plan.width} values instead of ${width}`,
    })
  const backbone =
    head.encoder.names().length === 0
      ? await openBackbone(card.id, card.tokenTaps, [entry])
      : await readBackbone(
          entry,
          head.encoder,
          { origin: 'inside the trained model', licence: 'as its file', sha256 },
          card.tokenTaps,
        )
  return { plan: head.plan, tensors: head.tensors, backbone, sha256 }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
