/** The only room that speaks SQL: rows to messages and back. One file per entity, no HTTP. */
import type { Db } from '../database/index.ts'
import { createAccessStore, type AccessStore } from './access.ts'
import { createAuditStore, type AuditStore } from './audit.ts'
import { createDatasetStore, type DatasetStore } from './dataset.ts'
import { createEvaluationStore, type EvaluationStore } from './evaluation.ts'
import { createHookStore, type HookStore } from './hook.ts'
import { createIdempotencyStore, type IdempotencyStore } from './idempotency.ts'
import { createImageStore, type ImageStore } from './image.ts'
import { createRecordStore, type RecordStore } from './inspection-insert.ts'
import { createInspectionStore, type InspectionStore } from './inspection.ts'
import { createJobStore, type JobStore } from './job.ts'
import { createJudgingStore, type JudgingStore } from './judging.ts'
import { createLeaseStore, type LeaseStore } from './lease.ts'
import { createOutboxStore, type OutboxStore } from './outbox.ts'
import { createWatchedFileStore, type WatchedFileStore } from './watched-file.ts'
import { createMaterialStore, type MaterialStore } from './material.ts'
import { createModelStore, type ModelStore } from './model.ts'
import { createProductStore, type ProductStore } from './product.ts'
import { createReferenceStore, type ReferenceStore } from './reference.ts'
import { createWatchStore, type WatchStore } from './watch.ts'

export type { Identity } from './access.ts'
export type { InspectionQuery, ScorePoint } from './inspection.ts'
export { firstProduct } from './model.ts'
export { toFileName } from './row.ts'

export interface Stores {
  readonly product: ProductStore
  readonly image: ImageStore
  readonly model: ModelStore
  readonly inspection: InspectionStore
  readonly record: RecordStore
  readonly material: MaterialStore
  readonly outbox: OutboxStore
  readonly watchedFile: WatchedFileStore
  readonly judging: JudgingStore
  readonly job: JobStore
  readonly lease: LeaseStore
  readonly dataset: DatasetStore
  readonly evaluation: EvaluationStore
  readonly hook: HookStore
  readonly watch: WatchStore
  readonly access: AccessStore
  readonly audit: AuditStore
  readonly idempotency: IdempotencyStore
  readonly reference: ReferenceStore
}

/** On the database, or in a transaction: what is written then is written together. */
export function createStores(db: Db): Stores {
  return {
    product: createProductStore(db),
    image: createImageStore(db),
    model: createModelStore(db),
    inspection: createInspectionStore(db),
    record: createRecordStore(db),
    material: createMaterialStore(db),
    outbox: createOutboxStore(db),
    watchedFile: createWatchedFileStore(db),
    judging: createJudgingStore(db),
    job: createJobStore(db),
    lease: createLeaseStore(db),
    dataset: createDatasetStore(db),
    evaluation: createEvaluationStore(db),
    hook: createHookStore(db),
    watch: createWatchStore(db),
    access: createAccessStore(db),
    audit: createAuditStore(db),
    idempotency: createIdempotencyStore(db),
    reference: createReferenceStore(db),
  }
}
