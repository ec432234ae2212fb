/**
 * The tables, as Kysely sees them. Ids are UUIDs of version 7, times `timestamptz`, hashes of files hexadecimal
 * SHA-256. Files themselves lie in the blob store under their hash, never in the database.
 */
import type { ApiEvaluation, JobRequest, Role } from '@assay/contract/api'
import type { Card, Inspection, ZonesFile } from '@assay/contract'
import type { ColumnType, Generated, JSONColumnType } from 'kysely'

type Created = Generated<Date>

export interface ProductTable {
  id: string
  name: string
  active_model: string | null
  /** What was active before, for a roll-back; newest last. */
  earlier_models: JSONColumnType<string[]>
  shadow_model: string | null
  zones: ColumnType<ZonesFile | null, string | null, string | null>
  created_at: Created
}

export interface ImageTable {
  id: string
  product: string
  name: string
  sha256: string
  bytes: number
  width: number
  height: number
  bucket: 'good' | 'defect' | 'unsorted'
  defect: string | null
  split: 'train' | 'test'
  mask_sha256: string | null
  source: 'upload' | 'camera' | 'watch' | 'feedback'
  created_at: Created
  deleted_at: Date | null
}

/** The truth about jobs; pg-boss only delivers their ids. */
export interface JobTable {
  id: string
  product: string
  request: JSONColumnType<JobRequest>
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  stage: string | null
  progress: Generated<number>
  seconds_left: number | null
  loss: number | null
  /** Counts the starts. Whatever a worker writes holds only while the attempt is still its own (fencing). */
  attempt: Generated<number>
  /** Who runs it, and until when nobody else may take it. */
  worker: string | null
  leased_until: Date | null
  model: string | null
  error: ColumnType<unknown, string | null, string | null>
  created_at: Created
  started_at: Date | null
  ended_at: Date | null
}

interface JobLineTable {
  job: string
  number: number
  at: Created
  level: 'info' | 'warning' | 'error'
  text: string
}

export interface ModelTable {
  id: string
  product: string
  version: number
  origin: 'train' | 'calibrate' | 'import'
  parent: string | null
  job: string | null
  sha256: string
  bytes: number
  card: JSONColumnType<Card>
  created_at: Created
}

/** A picture as it was when the job began, and what it was used for. */
export interface DatasetImage {
  readonly image: string
  readonly name: string
  readonly sha256: string
  /** Those of `hold-out` set the thresholds. */
  readonly use: 'train' | 'hold-out' | 'test'
  readonly label: 'good' | 'defect'
  readonly defect: string | null
  /** SHA-256 of its mask. */
  readonly mask: string | null
}

/** What pictures a model was trained and tested on: frozen when its job began. */
interface DatasetTable {
  id: string
  product: string
  job: string
  images: JSONColumnType<DatasetImage[]>
  created_at: Created
}

export interface EvaluationTable {
  id: string
  model: string
  /** Null for one that a threshold set by hand took over from its parent. */
  job: string | null
  /** Without id, model and time, which are columns. */
  result: JSONColumnType<Omit<ApiEvaluation, 'id' | 'model' | 'createdAt'>>
  created_at: Created
}

export interface InspectionTable {
  id: string
  product: string
  model: string
  job: string | null
  /** Of the picture among the product's, if it is one. */
  image: string | null
  name: string
  sha256: string
  record: JSONColumnType<Inspection>
  /** Copies of the record, for search. */
  verdict: 'good' | 'defect' | 'unsure' | null
  calibrated: number | null
  map_sha256: string | null
  mask_sha256: string | null
  milliseconds: number
  shadow_model: string | null
  shadow_score: number | null
  shadow_verdict: string | null
  disagrees: Generated<boolean>
  created_at: Created
}

/** One per inspection; undoing one deletes it, and the audit log keeps both. */
export interface DecisionTable {
  inspection: string
  verdict: 'good' | 'defect'
  by: string
  /** Picture that entered the material with it. */
  image: string | null
  at: Created
}

export interface TokenTable {
  id: string
  name: string
  role: Role
  /** SHA-256 of the token, which is 32 random bytes. */
  hash: string
  created_at: Created
  expires_at: Date | null
  revoked_at: Date | null
  last_used_at: Date | null
}

/** A signed-in browser. */
interface SessionTable {
  /** SHA-256 of the cookie's value. */
  hash: string
  token: string
  csrf: string
  created_at: Created
  expires_at: Date
}

interface AuditTable {
  id: string
  at: Created
  by: string
  action: string
  subject: string | null
  detail: JSONColumnType<Record<string, unknown>>
}

/** Answers that were given to requests with an idempotency key, so that a repeated one gets the same. */
interface IdempotencyTable {
  token: string
  key: string
  /** SHA-256 of method, path and body; of an upload, its length in place of the body. */
  fingerprint: string
  /** Id that the new thing gets, so that a request repeated after a crash makes it only once. */
  subject: string
  /** Start of the server that works on it; another one may take over. */
  run: string
  /** Null while the first one runs. */
  status: number | null
  response: ColumnType<unknown, string | null, string | null>
  created_at: Created
}

export interface WatchTable {
  id: string
  product: string
  folder: string
  seen: Generated<number>
  last_error: string | null
  created_at: Created
}

/** Files of watched folders that were inspected, so that a restart does not repeat them. */
interface WatchedFileTable {
  watch: string
  path: string
  /** Size and modification time. */
  stamp: string
  inspection: string | null
}

export interface HookTable {
  id: string
  product: string
  target: string
  on: 'every' | 'defect' | 'unsure-or-defect'
  sent: Generated<number>
  last_error: string | null
  created_at: Created
}

/** Messages not yet delivered: written in the transaction of their inspection, so that none is lost. */
interface OutboxTable {
  id: string
  hook: string
  inspection: string
  attempts: Generated<number>
  next_at: Created
}

export interface Tables {
  product: ProductTable
  image: ImageTable
  job: JobTable
  job_line: JobLineTable
  model: ModelTable
  dataset: DatasetTable
  evaluation: EvaluationTable
  inspection: InspectionTable
  decision: DecisionTable
  token: TokenTable
  session: SessionTable
  audit: AuditTable
  idempotency: IdempotencyTable
  watch: WatchTable
  watched_file: WatchedFileTable
  hook: HookTable
  outbox: OutboxTable
}
