/** The pictures of a job, frozen when it begins. */
import type { Db, DatasetImage } from '../database/index.ts'

export interface DatasetStore {
  /** Those of the job; null before it has begun. */
  read(job: string): Promise<readonly DatasetImage[] | null>
  /** Keeps what `choose` gives, unless the job has some already; gives what is kept. */
  freeze(
    job: { readonly id: string; readonly product: string },
    newId: () => string,
    choose: () => Promise<readonly DatasetImage[]>,
  ): Promise<readonly DatasetImage[]>
  /** The next attempt chooses anew. */
  forget(job: string): Promise<void>
  /** Hashes of the pictures that a model, or the one it was calibrated from, has learned from. */
  learnedBy(model: string): Promise<ReadonlySet<string>>
}

export function createDatasetStore(db: Db): DatasetStore {
  const read = async (on: Db, job: string): Promise<readonly DatasetImage[] | null> => {
    const row = await on.selectFrom('dataset').select('images').where('job', '=', job).executeTakeFirst()
    return row?.images ?? null
  }
  return {
    read: (job) => read(db, job),
    freeze: async (job, newId, choose) => {
      const kept = await read(db, job.id)
      if (kept !== null) return kept
      const images = await choose()
      await db
        .insertInto('dataset')
        .values({ id: newId(), product: job.product, job: job.id, images: JSON.stringify(images) })
        .onConflict((c) => c.column('job').doNothing())
        .execute()
      return (await read(db, job.id)) ?? images
    },
    forget: async (job) => {
      await db.deleteFrom('dataset').where('job', '=', job).execute()
    },
    learnedBy: async (model) => {
      // Versions are calibrated from one another; the first of them was trained.
      const seen = new Set<string>()
      let next: string | null = model
      while (next !== null && !seen.has(next)) {
        seen.add(next)
        const row: { parent: string | null; job: string | null; origin: string } | undefined = await db
          .selectFrom('model')
          .select(['parent', 'job', 'origin'])
          .where('id', '=', next)
          .executeTakeFirst()
        if (row?.origin === 'train' && row.job !== null) {
          const images = (await read(db, row.job)) ?? []
          return new Set(images.filter(({ use }) => use === 'train').map(({ sha256 }) => sha256))
        }
        next = row?.parent ?? null
      }
      return new Set()
    },
  }
}
