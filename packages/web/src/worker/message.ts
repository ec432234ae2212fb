/** What the page and its worker say to each other: calls with a number, and what comes of each. */
import type { Card, Inspection } from '@assay/contract'
import type { DeviceRequest, TrainEvent } from '@assay/core/browser'

/** A picture or model file in memory. */
export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Everything that the worker does, by its name: what it takes and what it gives. */
export interface Calls {
  /** Opens a model from bytes or from an address, in the place of the one before. */
  open: {
    readonly takes: {
      readonly model: NamedBytes | string
      readonly device: DeviceRequest
      readonly threads: number | null
    }
    readonly gives: OpenedModel
  }
  inspect: { readonly takes: InspectRequest; readonly gives: ShownInspection }
  train: { readonly takes: TrainRequest; readonly gives: TrainedFile }
  /** A picture as it is decoded, before any model sees it. */
  decode: { readonly takes: NamedBytes; readonly gives: ShownPicture }
}

export type CallName = keyof Calls

export interface OpenedModel {
  readonly card: Card
  readonly device: { readonly name: string; readonly reason: string; readonly threads: number }
  /** What the model asks for and a browser lacks. */
  readonly leftOut: Fault | null
}

export interface InspectRequest {
  readonly picture: NamedBytes
  /** The product, or null to have it recognised. */
  readonly product: string | null
}

/** Pixels `[height, width, 4]` for a canvas. */
export interface ShownPicture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8ClampedArray<ArrayBuffer>
}

/** An inspection with all that is drawn of it. */
export interface ShownInspection {
  readonly record: Inspection
  readonly picture: ShownPicture
  /** The heat map alone, `[height, width, 4]`. */
  readonly heat: Uint8ClampedArray<ArrayBuffer>
  /** Path data of the mask's outline, in pixels of the picture. */
  readonly outline: string
  readonly milliseconds: number
}

export interface TrainRequest {
  readonly product: string
  readonly pictures: readonly NamedBytes[]
  readonly method: 'patchcore' | 'cras'
  readonly profile: 'fast' | 'balanced' | 'accurate'
  readonly device: DeviceRequest
  readonly threads: number | null
}

export interface TrainedFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly card: Card
  readonly seconds: number
}

/** An error as it crosses the border. */
export interface Fault {
  /** Null for a fault of ours. */
  readonly code: string | null
  readonly message: string
  readonly hint: string
}

/** From the page. */
export type ToWorker =
  | {
      [Name in CallName]: {
        readonly type: 'call'
        readonly call: number
        readonly name: Name
        readonly takes: Calls[Name]['takes']
      }
    }[CallName]
  | { readonly type: 'stop'; readonly call: number }

/** From the worker. */
export type FromWorker =
  | { readonly type: 'event'; readonly call: number; readonly event: TrainEvent }
  | { readonly type: 'done'; readonly call: number; readonly gives: unknown }
  | { readonly type: 'failed'; readonly call: number; readonly fault: Fault }
