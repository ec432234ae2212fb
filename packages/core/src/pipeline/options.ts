/** What every long run takes and says: how to run, what happens on the way. */
import type { Choice, ErrorCode } from '@assay/contract'
import type { DeviceRequest } from '../runtime/index.ts'

/** How to run. None of it belongs to the recipe: it changes how fast a result comes, not what it is. */
export interface RunOptions {
  /** Default `cpu`. */
  readonly device?: DeviceRequest | undefined
  /** Threads inside an operator; default: the number of cores. */
  readonly threads?: number | undefined
  /** Budget of the feature cache and the memory bank in bytes, default 2 GB; beyond it features go to disk. */
  readonly memoryBytes?: number | undefined
  /** Larger pictures are refused before decoding. */
  readonly maxPixels?: number | undefined
  /** Pictures with more pixels are inspected in bands, never held whole; default 36 million. */
  readonly heldPixels?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** One picture that could not be used; the rest goes on. */
export interface ImageErrorEvent {
  readonly type: 'image-error'
  readonly image: string
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

export interface WarningEvent {
  readonly type: 'warning'
  readonly message: string
}

export type TrainStage = 'read' | 'compare' | 'features' | 'memory' | 'head' | 'calibrate' | 'check' | 'write'

export type TrainEvent =
  | { readonly type: 'device'; readonly device: string; readonly reason: string; readonly threads: number }
  | { readonly type: 'data'; readonly products: readonly PlannedProduct[] }
  | ComparingEvent
  | {
      readonly type: 'chosen'
      readonly method: string
      readonly reason: string
      /** What was compared; null or absent when nothing was. */
      readonly comparison?: Choice['comparison']
    }
  | { readonly type: 'resumed'; readonly step: number; readonly of: number }
  | { readonly type: 'stage'; readonly stage: TrainStage; readonly done: number; readonly total: number }
  | { readonly type: 'step'; readonly step: number; readonly of: number; readonly loss: number }
  | ImageErrorEvent
  | WarningEvent

/** Before methods are compared: which, on how many pictures, and for about how long. */
interface ComparingEvent {
  readonly type: 'comparing'
  readonly methods: readonly string[]
  readonly trainingImages: number
  readonly heldOutImages: number
  readonly seconds: number
}

export interface PlannedProduct {
  readonly name: string
  /** Images to learn from. */
  readonly images: number
  readonly heldOut: number
  /** Size of the model input. */
  readonly height: number
  readonly width: number
  /** Size of the windows that a picture is cut into, in its own pixels; null when it is not cut. */
  readonly window: { readonly height: number; readonly width: number } | null
}
