/** What the server and its task processes say to each other. */
import type { Card, Inspection, MethodName, ProfileName, ZonesFile } from '@assay/contract'
import type { ApiEvaluation, JobLine } from '@assay/contract/api'
import type { Fault } from '../child/fault.ts'

/** A picture of the material of a task: a plain file with what is known of it. */
export interface TaskImage {
  readonly id: string
  /** As people call it, in the log. */
  readonly name: string
  readonly sha256: string
  readonly path: string
  readonly use: 'train' | 'hold-out' | 'test'
  readonly label: 'good' | 'defect'
  readonly defect: string | null
  readonly mask: string | null
}

interface Aims {
  readonly falseAlarms?: number | undefined
  readonly falseMasks?: number | undefined
  readonly unsure?: number | null | undefined
  readonly confidence?: number | undefined
}

interface TaskBase {
  /** Of the job: the same place for each attempt on a machine, for what all attempts write alike. */
  readonly folder: string
  /** Of the attempt, with what the one before has left. */
  readonly work: string
  /** Name of the product in the model. */
  readonly product: string
  readonly images: readonly TaskImage[]
  readonly threads: number | undefined
  readonly maxPixels: number | undefined
}

export interface TrainOrder extends TaskBase {
  readonly kind: 'train'
  readonly method: MethodName | 'auto'
  readonly profile: ProfileName
  readonly seed: number
  readonly window: number | undefined
  readonly aims: Aims
  readonly zones: ZonesFile | null
}

export interface CalibrateOrder extends TaskBase {
  readonly kind: 'calibrate'
  /** Path of the model file. */
  readonly model: string
  readonly aims: Aims
  readonly zones: ZonesFile | null
}

export interface EvaluateOrder extends TaskBase {
  readonly kind: 'evaluate'
  readonly model: string
}

export interface InspectOrder extends TaskBase {
  readonly kind: 'inspect'
  readonly model: string
}

export type TaskOrder = TrainOrder | CalibrateOrder | EvaluateOrder | InspectOrder

/** An evaluation without what the database gives it. */
export type TaskEvaluation = Omit<ApiEvaluation, 'id' | 'model' | 'createdAt'>

/** One picture of a batch. `map` and `mask` are names in the folder of the attempt; null where it could not be inspected. */
export interface InspectedFile {
  readonly image: string
  readonly record: Inspection
  readonly map: string | null
  readonly mask: string | null
  readonly milliseconds: number
}

export type TaskResult =
  | {
      readonly kind: 'model'
      /** Path of the new model file. */
      readonly model: string
      readonly card: Card
      /** Null without test pictures. */
      readonly evaluation: TaskEvaluation | null
    }
  | { readonly kind: 'evaluation'; readonly evaluation: TaskEvaluation }
  | { readonly kind: 'inspections'; readonly inspected: readonly InspectedFile[] }

/** How far a task is. `share` never falls. */
export interface TaskProgress {
  readonly stage: string
  readonly share: number
  readonly loss: number | null
}

/** What a running task yields. */
export type TaskEvent =
  | { readonly type: 'progress'; readonly progress: TaskProgress }
  | { readonly type: 'line'; readonly level: JobLine['level']; readonly text: string }

export type TaskWord =
  | TaskEvent
  | { readonly type: 'alive' }
  | { readonly type: 'done'; readonly result: TaskResult }
  | { readonly type: 'failed'; readonly fault: Fault }

export type TaskRequest = { readonly type: 'start'; readonly order: TaskOrder } | { readonly type: 'stop' }
