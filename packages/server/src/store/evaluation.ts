/** How models did on test pictures. */
import type { ApiEvaluation } from '@assay/contract/api'
import type { Selectable } from 'kysely'
import type { Db, EvaluationTable } from '../database/index.ts'
import { found, toTime } from './row.ts'

interface NewEvaluation {
  readonly id: string
  readonly model: string
  readonly job: string | null
  readonly result: EvaluationResult
}

type EvaluationResult = Omit<ApiEvaluation, 'id' | 'model' | 'createdAt'>

export interface EvaluationStore {
  add(evaluation: NewEvaluation): Promise<void>
  /** The last one of a model. Throws NOT_FOUND. */
  readLast(model: string): Promise<ApiEvaluation>
}

export function createEvaluationStore(db: Db): EvaluationStore {
  return {
    add: async ({ id, model, job, result }) => {
      await db
        .insertInto('evaluation')
        .values({ id, model, job, result: JSON.stringify(result) })
        .execute()
    },
    readLast: async (model) => {
      const row = await db
        .selectFrom('evaluation')
        .selectAll()
        .where('model', '=', model)
        .orderBy('id', 'desc')
        .executeTakeFirst()
      return toEvaluation(found(row, 'evaluation of the model', model))
    },
  }
}

function toEvaluation({ id, model, result, created_at }: Selectable<EvaluationTable>): ApiEvaluation {
  return { ...result, id, model, createdAt: toTime(created_at) }
}
