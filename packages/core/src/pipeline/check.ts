/** Compares a model file on several devices with itself on the CPU, whenever somebody wants to know. */
import type { CardParity } from '@assay/contract'
import { readModelFile } from '../model/index.ts'
import type { DeviceRequest } from '../runtime/index.ts'
import { findCompared } from './compared.ts'
import { chooseDevices } from './gate.ts'
import type { RunOptions } from './options.ts'
import { holdsParity, openComparison, parityTolerance } from './parity.ts'

export interface CheckOptions extends Pick<RunOptions, 'threads' | 'maxPixels' | 'heldPixels' | 'signal'> {
  /** The model file. */
  readonly model: string
  /** Images and folders; without any, the pictures of the sample vectors are compared. */
  readonly images?: readonly string[] | undefined
  /** Default `cpu`. */
  readonly devices?: readonly DeviceRequest[] | undefined
}

/** Pictures that were compared, of how many. */
export interface CheckEvent {
  readonly type: 'stage'
  readonly done: number
  readonly total: number
}

export interface CheckResult {
  readonly model: string
  /** Largest differences that are allowed. */
  readonly allowed: Pick<CardParity, 'score' | 'map' | 'mask'>
  readonly providers: readonly CheckedProvider[]
}

export interface CheckedProvider extends CardParity {
  /** Whether none of its differences is larger than allowed. */
  readonly holds: boolean
}

/**
 * Throws DEVICE_UNAVAILABLE, MODEL_SAMPLES_DIFFER where the sample vectors do not repeat, and what reading the
 * model and the images throws. A device that is too far from the CPU is part of the answer.
 */
export async function* checkModel(options: CheckOptions): AsyncGenerator<CheckEvent, CheckResult> {
  const { model, images = [], maxPixels, heldPixels, signal } = options
  const devices = await chooseDevices(options.devices ?? ['cpu'], options.threads)
  const { bytes, card } = await readModelFile(model)
  const pictures = await findCompared(images, card)
  await using comparison = await openComparison(bytes, devices, { maxPixels, heldPixels, signal })
  for (const [i, { picture, name }] of pictures.entries()) {
    await comparison.add(picture, name)
    yield { type: 'stage', done: i + 1, total: pictures.length }
  }
  const providers = comparison.finish().map((row) => ({ ...row, holds: holdsParity(row) }))
  return { model, allowed: parityTolerance, providers }
}
