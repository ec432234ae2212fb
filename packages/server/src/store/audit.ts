/** Who changed what and when. Rows are only ever added. */
import type { auditQuerySchema, auditSchema } from '@assay/contract/api'
import type { z } from 'zod'
import type { Db } from '../database/index.ts'
import { fromCursor, toPage, type Page } from './page.ts'
import { toTime } from './row.ts'

type ApiAudit = z.output<typeof auditSchema>

export interface AuditStore {
  list(query: z.output<typeof auditQuerySchema>): Promise<Page<ApiAudit>>
  /** Written before the change is tried, so that no crash leaves a change without its line. */
  begin(line: Pick<ApiAudit, 'id' | 'by' | 'action' | 'subject' | 'detail'>): Promise<void>
  /** Adds the outcome to a line. */
  end(line: Pick<ApiAudit, 'id' | 'subject' | 'detail'>): Promise<void>
}

export function createAuditStore(db: Db): AuditStore {
  return {
    list: async (query) => {
      const rows = await db
        .selectFrom('audit')
        .selectAll()
        .$if(query.action !== undefined, (q) => q.where('action', '=', query.action ?? ''))
        .$if(query.cursor !== undefined, (q) => q.where('id', '<', fromCursor(query.cursor ?? '')))
        .orderBy('id', 'desc')
        .limit(query.limit + 1)
        .execute()
      return toPage(rows, query, ({ at, ...row }) => ({ ...row, at: toTime(at) }))
    },
    begin: async ({ detail, ...line }) => {
      await db
        .insertInto('audit')
        .values({ ...line, detail: JSON.stringify(detail) })
        .execute()
    },
    end: async ({ id, subject, detail }) => {
      await db
        .updateTable('audit')
        .set({ subject, detail: JSON.stringify(detail) })
        .where('id', '=', id)
        .execute()
    },
  }
}
