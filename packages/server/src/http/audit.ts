/**
 * Writes down every change: before it is tried, and again with its outcome.
 *
 * Judging a picture is not among them: each inspection is a record itself. Taking everything out is.
 */
import { routes, type RouteName } from '@assay/contract/api'
import type { Stores } from '../store/index.ts'
import type { Call } from './call.ts'
import { toAssayError } from './problem.ts'

export interface Auditor {
  run(name: RouteName, call: Call, change: () => Promise<unknown>): Promise<unknown>
}

export function createAuditor(store: Stores['audit'], newId: () => string): Auditor {
  return {
    run: async (name, call, change) => {
      if ((routes[name].method === 'GET' && name !== 'backup') || name === 'inspect') return change()
      const params: Readonly<Record<string, string>> = { ...(call.params as object) }
      const line = {
        id: newId(),
        by: call.who?.name ?? call.request.ip,
        action: name,
        subject: Object.values(params)[0] ?? null,
      }
      const detail = { ...toDetail(call), from: call.request.ip }
      await store.begin({ ...line, detail: { ...detail, outcome: 'begun' } })
      try {
        const answer = await change()
        const subject = line.subject ?? idOf(answer)
        const made = idOf(answer)
        const more = made === null || made === subject ? {} : { made }
        await store.end({ id: line.id, subject, detail: { ...detail, ...more, outcome: 'done' } })
        return answer
      } catch (error) {
        const outcome = toAssayError(error)?.code ?? 'INTERNAL'
        await store.end({ ...line, detail: { ...detail, outcome } })
        throw error
      }
    },
  }
}

/** The body as it came, without secrets and without endless lists; of an upload its files. */
function toDetail({ body }: Call): Record<string, unknown> {
  const content: unknown = body
  if (typeof content !== 'object' || content === null) return {}
  if ('files' in content && Array.isArray(content.files) && 'fields' in content) {
    const { files, fields } = body as unknown as NonNullable<Call<UploadRoute>['body']>
    const names = files.slice(0, mostNamed).map(({ name, staged }) => ({ name, sha256: staged?.sha256 }))
    return { fields, files: names, count: files.length }
  }
  const kept = Object.entries(content).map(([key, value]) => {
    if (key === 'token') return [key, '(hidden)'] as const
    if (Array.isArray(value) && value.length > mostNamed)
      return [key, [...value.slice(0, mostNamed), `and ${value.length - mostNamed} more`]] as const
    return [key, value as unknown] as const
  })
  return { body: Object.fromEntries(kept) }
}

type UploadRoute = (typeof routes)['uploadImages']

const mostNamed = 20

function idOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('id' in answer)) return null
  return typeof answer.id === 'string' ? answer.id : null
}
