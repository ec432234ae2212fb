/**
 * Judges pictures with the model that is active for their product, and keeps what it said.
 *
 * Models and pictures are opened in child processes only. The answer is given when the record is kept; a shadow model
 * looks at the same picture after that, when nobody waits.
 */
import { AssayError, type Card } from '@assay/contract'
import type { ApiInspection } from '@assay/contract/api'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import type { BlobStore } from '../blob/index.ts'
import { createPool, type Pool } from '../child/pool.ts'
import type { Database } from '../database/index.ts'
import type { Log } from '../log.ts'
import type { InspectInput, Judge } from '../services.ts'
import { createStores, type Stores } from '../store/index.ts'
import type { JudgingModel } from '../store/judging.ts'
import type { InspectedPaths } from './inspect-file.ts'
import type { JudgeReply, JudgeRequest, ModelFile } from './message.ts'

export interface JudgeOptions {
  readonly database: Database
  readonly blobs: BlobStore
  readonly log: Log
  /** For maps and masks on their way into the blob store. */
  readonly folder: string
  readonly processes: number
  readonly threads: number
  /** Models that each process keeps open. */
  readonly openModels: number
  /** Inspections that may wait per product. */
  readonly waiting: number
  readonly maxPixels: number
  /** So long may one inspection take, opening the model included. */
  readonly timeoutMs?: number
}

export interface ProcessJudge extends Judge {
  /** Opens a model that is not in the database yet. */
  open(model: JudgingModel): Promise<void>
  /** Inspections that wait or run. */
  readonly load: number
  readonly pids: readonly number[]
}

const file = new URL('judge-process.ts', import.meta.url)
const defaultTimeoutMs = 120_000

export function createJudge(options: JudgeOptions): ProcessJudge {
  return new ModelJudge(options)
}

class ModelJudge implements ProcessJudge {
  readonly #options: JudgeOptions
  readonly #stores: Stores
  readonly #pool: Pool<JudgeRequest, JudgeReply>
  readonly #shadows = new Set<Promise<void>>()
  readonly #unsubscribe: () => void
  #isClosed = false

  constructor(options: JudgeOptions) {
    const { processes, waiting, timeoutMs = defaultTimeoutMs } = options
    this.#options = options
    this.#stores = createStores(options.database.db)
    this.#pool = createPool({ file, what: 'the inspection', processes, waiting, timeoutMs })
    // Another process may have activated a model; who asks next then does not wait for it to be opened.
    this.#unsubscribe = options.database.bus.subscribe((message) => {
      if (message.topic !== 'product' || this.#isClosed) return
      this.warm(message.product).catch((error: unknown) =>
        options.log.warning('a model cannot be opened', { product: message.product, error }),
      )
    })
  }

  get load(): number {
    return this.#pool.load
  }

  get pids(): readonly number[] {
    return this.#pool.pids
  }

  async inspect(input: InspectInput): Promise<ApiInspection> {
    const { product, name, sha256, id = uuidv7() } = input
    if (input.id !== undefined) {
      const before = await this.#readIfThere(id)
      if (before !== null) return before
    }
    const judging = await this.#stores.judging.read(product)
    if (judging.active === null) throw new AssayError('NO_MODEL', { product: judging.name })
    const model = judging.active
    const found = await this.#judge(model, { id, name, sha256, lane: product, isBackground: false })
    try {
      const { blobs, database } = this.#options
      const [map, mask] = await Promise.all(
        [found.map, found.mask].map(async (path) =>
          path === null ? null : (await blobs.putFile(path)).sha256,
        ),
      )
      await database.db.transaction().execute((trx) =>
        createStores(trx).record.add({
          id,
          product,
          model: model.id,
          job: input.job ?? null,
          image: input.image ?? null,
          name,
          sha256,
          record: found.record,
          map: map ?? null,
          mask: mask ?? null,
          milliseconds: found.milliseconds,
        }),
      )
    } finally {
      await removeFiles(found)
    }
    if (judging.shadow !== null && judging.shadow.id !== model.id)
      this.#judgeShadow(judging.shadow, id, input)
    return await this.#stores.inspection.read(id)
  }

  async warm(product: string, model?: string): Promise<void> {
    const judging =
      model === undefined
        ? (await this.#stores.judging.read(product)).active
        : await this.#stores.model.read(model)
    if (judging !== null) await this.open(judging)
  }

  async open(model: JudgingModel): Promise<void> {
    await this.#pool.askEach({ kind: 'open', model: await this.#file(model), settings: this.#settings() })
  }

  async readModel(path: string): Promise<Card> {
    const { timeoutMs = defaultTimeoutMs } = this.#options
    await using pool = createPool<JudgeRequest, JudgeReply>({
      file,
      what: 'the model file',
      processes: 1,
      waiting: 1,
      timeoutMs,
    })
    const reply = await pool.ask(
      { kind: 'open', model: { id: path, path }, settings: this.#settings() },
      { lane: 'model' },
    )
    if (reply.kind !== 'opened') throw new Error('internal: a model was asked for')
    return reply.card
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    await this.#pool[Symbol.asyncDispose]()
    await Promise.all(this.#shadows)
  }

  async #readIfThere(id: string): Promise<ApiInspection | null> {
    return await this.#stores.inspection.read(id).catch((error: unknown) => {
      if (error instanceof AssayError && error.code === 'NOT_FOUND') return null
      throw error
    })
  }

  async #judge(
    model: JudgingModel,
    of: { id: string; name: string; sha256: string; lane: string; isBackground: boolean },
  ): Promise<InspectedPaths> {
    const { folder, blobs } = this.#options
    await mkdir(folder, { recursive: true })
    const reply = await this.#pool.ask(
      {
        kind: 'inspect',
        model: await this.#file(model),
        settings: this.#settings(),
        picture: await blobs.path(of.sha256),
        name: of.name,
        map: join(folder, `${of.id}.${model.id}.map.tiff`),
        mask: join(folder, `${of.id}.${model.id}.mask.png`),
      },
      { lane: of.lane, isBackground: of.isBackground },
    )
    if (reply.kind !== 'inspected') throw new Error('internal: an inspection was asked for')
    return reply
  }

  /** Nobody waits for it. When there is too much to do it is left out: the stream comes first. */
  #judgeShadow(model: JudgingModel, id: string, { product, name, sha256 }: InspectInput): void {
    const run = async (): Promise<void> => {
      const found = await this.#judge(model, { id, name, sha256, lane: product, isBackground: true })
      await removeFiles(found)
      const { score, verdict } = found.record
      if (score === null || verdict === null) return
      await this.#stores.record.addShadow(id, { model: model.id, score, verdict })
    }
    const shadow = run()
      .catch((error: unknown) => {
        if (!this.#isClosed)
          this.#options.log.warning('the shadow model did not judge', { inspection: id, error })
      })
      .finally(() => this.#shadows.delete(shadow))
    this.#shadows.add(shadow)
  }

  async #file({ id, sha256 }: JudgingModel): Promise<ModelFile> {
    return { id, path: await this.#options.blobs.path(sha256) }
  }

  #settings(): JudgeRequest['settings'] {
    const { threads, openModels, maxPixels } = this.#options
    return { threads, openModels, maxPixels }
  }
}

async function removeFiles({ map, mask }: InspectedPaths): Promise<void> {
  for (const path of [map, mask]) if (path !== null) await rm(path, { force: true })
}
