/**
 * What the rooms of the studio give each other. One object of these is made at the start (see studio.ts) and handed
 * to the HTTP handlers; a test makes its own with the parts that it needs.
 */
import type { Card } from '@assay/contract'
import type { ApiInspection, ApiJob, Finding, JobLine, JobRequest, Understanding } from '@assay/contract/api'
import type { BlobStore } from './blob/index.ts'
import type { Config } from './config.ts'
import type { Database } from './database/index.ts'
import type { Log } from './log.ts'
import type { Stores } from './store/index.ts'

export interface Services {
  readonly database: Database
  readonly blobs: BlobStore
  /** On the database itself; inside a transaction make others with `createStores`. */
  readonly stores: Stores
  readonly queue: JobQueue
  readonly judge: Judge
  readonly doctor: Doctor
  readonly pictures: Pictures
  readonly line: Line
  readonly config: Config
  readonly log: Log
}

/** Long work. */
export interface JobQueue {
  /** With an `id` that is there already it gives that job and queues nothing. */
  create(request: JobRequest, by: string, id?: string): Promise<ApiJob>
  /** Throws NOT_FOUND, or CONFLICT for a job that has ended. */
  cancel(id: string): Promise<ApiJob>
  /** Throws NOT_FOUND, or CONFLICT for a job that has not ended or is done. */
  retry(id: string): Promise<ApiJob>
  /** Changes from now on; with `job` first that job as it is and its lines after number `after`. Ends with `signal`. */
  watch(filter: { job?: string }, after?: number, signal?: AbortSignal): AsyncIterable<JobChange>
}

export type JobChange =
  | { readonly type: 'job'; readonly job: ApiJob }
  | { readonly type: 'log'; readonly line: JobLine }

export interface InspectInput {
  readonly product: string
  readonly name: string
  /** Of the picture, which is in the blob store. */
  readonly sha256: string
  /** Of the picture among the product's, if it is one. */
  readonly image?: string
  readonly job?: string
  /** With one that is there already, that inspection is the answer and nothing is judged. */
  readonly id?: string
}

/** The models that judge what is submitted. */
export interface Judge {
  /** Throws NO_MODEL before the first training, STUDIO_BUSY when too many wait, and what is wrong with the picture. */
  inspect(input: InspectInput): Promise<ApiInspection>
  /**
   * Opens a model before it becomes the active one, so that no request waits for it; without `model` the one that is
   * active. Throws if it cannot be opened.
   */
  warm(product: string, model?: string): Promise<void>
  /** Opens a model file in a process of its own and gives its card; throws what is wrong with it. */
  readModel(path: string): Promise<Card>
  close(): Promise<void>
}

/** What can be said about the pictures of a product before a training. */
export interface Doctor {
  understand(product: string): Promise<Understanding>
  examine(product: string): Promise<readonly Finding[]>
}

export interface PictureFacts {
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly depth: number
  readonly format: string
}

/** Everything that decodes a picture for a screen or a check: in a bounded process, never in the server's. */
export interface Pictures {
  /** Decodes it as a whole, after a look at its size. Throws IMAGE_UNREADABLE, IMAGE_UNSUPPORTED, IMAGE_TOO_LARGE. */
  examine(path: string, name: string): Promise<PictureFacts>
  /** A WebP of at most `side` pixels wide or high. */
  view(path: string, side: number): Promise<Uint8Array>
  /** A PNG, 255 where the picture is not black. Throws DATA_MASK_MISMATCH when it has another size. */
  mask(path: string, of: { name: string; width: number; height: number }): Promise<Uint8Array>
  /** Raw scores of a TIFF as an 8-bit PNG: 255 * sigmoid((raw - threshold) / scale). */
  mapPng(path: string, level: { threshold: number; scale: number }): Promise<Uint8Array>
  close(): Promise<void>
}

/** What connects a production line. Hooks and watches are rows; this runs them. */
export interface Line {
  /** Where messages can go, from the configuration. */
  targets(): readonly { name: string; kind: 'webhook' | 'mqtt'; isReachable: boolean | null }[]
  /** Looks again at the rows of watches and hooks. */
  refresh(): Promise<void>
  /** The real path of a folder below one of the configured roots. Throws FOLDER_OUTSIDE. */
  confine(folder: string): Promise<string>
  isWatching(watch: string): boolean
  close(): Promise<void>
}
