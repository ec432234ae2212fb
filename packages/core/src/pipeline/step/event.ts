/** What the published steps say on their way and give back. */
import type { AssayError } from '@assay/contract'
import type { ImageErrorEvent, RunOptions, WarningEvent } from '../options.ts'
import type { PublishedEncoder } from './encoder.ts'
import type { StepSettings } from './settings.ts'

export const stepNames = ['crop', 'train', 'maps', 'merge', 'binarise', 'refine', 'evaluate'] as const
export type StepName = (typeof stepNames)[number]

export interface StepOptions extends Omit<RunOptions, 'device' | 'memoryBytes'> {
  readonly settings: StepSettings
  /** Makes anew what an earlier run of the step has made; files of others are never touched. */
  readonly force?: boolean | undefined
  /** Other encoders than the published ones. */
  readonly encoders?: readonly PublishedEncoder[] | undefined
}

export type StepEvent =
  | { readonly type: 'device'; readonly device: string; readonly reason: string; readonly threads: number }
  /** What cropping will take, from one picture of each object. */
  | {
      readonly type: 'space'
      readonly pictures: number
      readonly bytes: number
      readonly freeBytes: number
    }
  | {
      readonly type: 'stage'
      readonly object: string
      readonly what: string
      readonly done: number
      readonly total: number
    }
  | {
      readonly type: 'step'
      readonly object: string
      readonly step: number
      readonly of: number
      readonly loss: number
    }
  | { readonly type: 'resumed'; readonly object: string; readonly step: number; readonly of: number }
  | ImageErrorEvent
  | WarningEvent

/** What was done for one object. */
export interface ObjectResult {
  readonly object: string
  /** Files that were made. */
  readonly made: number
  /** Files that were there from before. */
  readonly kept: number
  readonly failed: number
}

export interface StepResult {
  readonly step: StepName
  readonly objects: readonly ObjectResult[]
  /** What the step took its numbers from: `test` is the very split that is tested. */
  readonly sees: 'nothing' | 'good' | 'test'
  /** Why the step left its work out; null if it did not. */
  readonly leftOut: AssayError | null
}

export type Step = AsyncGenerator<StepEvent, StepResult>
