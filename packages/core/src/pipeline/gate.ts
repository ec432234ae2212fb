/** The last step before a model is written: it has to judge real pictures everywhere as it does on the CPU. */
import { AssayError, type CardParity } from '@assay/contract'
import { chooseDevice, type Device, type DeviceRequest } from '../runtime/index.ts'
import type { TrainEvent } from './options.ts'
import {
  holdsParity,
  openComparison,
  parityTolerance,
  type Comparison,
  type ComparisonOptions,
} from './parity.ts'
import { pictureFiles, type PictureSource } from './picture-source.ts'
import type { TrainingProductPlan } from './training-set.ts'

/** Held-out pictures that are compared, over all products; at least one of each. */
const gatePictures = 4

/** Settles several devices, each once. Throws DEVICE_UNAVAILABLE for one that does not work. */
export async function chooseDevices(
  requests: readonly DeviceRequest[],
  threads: number | undefined,
): Promise<readonly Device[]> {
  const chosen = new Map<string, Device>()
  for (const request of requests) {
    const device = await chooseDevice({ device: request, threads })
    chosen.set(device.name, device)
  }
  return [...chosen.values()]
}

export interface GateInput extends ComparisonOptions {
  /** The finished model, with its card. */
  readonly model: Uint8Array
  /** The file that it becomes. */
  readonly out: string
  readonly devices: readonly Device[]
  readonly plans: readonly Pick<TrainingProductPlan, 'heldOut'>[]
  /** Where the pictures are; files by default. */
  readonly source?: PictureSource | undefined
}

/** The table for the card. Throws MODEL_PARITY_FAILED, and what opening the model throws. */
export async function* passGate({
  model,
  out,
  devices,
  plans,
  source = pictureFiles,
  ...options
}: GateInput): AsyncGenerator<TrainEvent, CardParity[]> {
  const each = Math.max(1, Math.floor(gatePictures / plans.length))
  const total = plans.reduce((sum, { heldOut }) => sum + Math.min(each, heldOut.length), 0)
  await using comparison = await openComparison(model, devices, options)
  let done = 0
  for (const { heldOut } of plans) {
    let compared = 0
    for (const file of heldOut) {
      if (compared === each) break
      if (!(await addReadable(comparison, source, file))) continue
      compared++
      yield { type: 'stage', stage: 'check', done: ++done, total }
    }
  }
  const parity = comparison.finish()
  requireParity(out, parity)
  return [...parity]
}

/** Throws MODEL_PARITY_FAILED for the first provider that is too far from the CPU. */
export function requireParity(out: string, parity: readonly CardParity[]): void {
  const far = parity.find((row) => !holdsParity(row))
  if (far === undefined) return
  const { score: allowedScore, map: allowedMap, mask: allowedMask } = parityTolerance
  throw new AssayError('MODEL_PARITY_FAILED', { path: out, ...far, allowedScore, allowedMap, allowedMask })
}

/** False for a picture that cannot be decoded: the calibration has named it already. */
async function addReadable(comparison: Comparison, source: PictureSource, file: string): Promise<boolean> {
  try {
    await comparison.add(source.find(file), file)
    return true
  } catch (error) {
    if (error instanceof AssayError && error.code.startsWith('IMAGE_')) return false
    throw error
  }
}
