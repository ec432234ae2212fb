/** Long work: queued here, done elsewhere, watched by server-sent events. */
import { AssayError } from '@assay/contract'
import type { JobChange, Services } from '../../services.ts'
import type { Handlers, ServerEvent } from '../call.ts'

type JobHandlers = Pick<
  Handlers,
  'listJobs' | 'createJob' | 'readJob' | 'readJobLog' | 'watchJob' | 'watchJobs' | 'cancelJob' | 'retryJob'
>

export function createJobHandlers({ stores, queue }: Services): JobHandlers {
  const { job: jobs } = stores
  return {
    listJobs: async ({ query }) => jobs.list(query),
    createJob: async ({ body, who, newId }) => queue.create(body, who.name, newId),
    readJob: async ({ params }) => jobs.read(params.job),
    readJobLog: async ({ params }) => {
      await jobs.read(params.job)
      return { items: await jobs.lines(params.job) }
    },
    watchJob: async ({ params, request, signal }) => {
      await jobs.read(params.job)
      return toEvents(queue.watch({ job: params.job }, readLast(request.headers['last-event-id']), signal))
    },
    watchJobs: async ({ signal }) => toEvents(queue.watch({}, undefined, signal)),
    cancelJob: async ({ params }) => queue.cancel(params.job),
    retryJob: async ({ params }) => queue.retry(params.job),
  }
}

/** The number of the last line that a reader has seen. */
function readLast(header: string | string[] | undefined): number {
  if (header === undefined || header === '') return 0
  const number = Number(header)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new AssayError('REQUEST_INVALID', { where: 'last-event-id', reason: 'it is the number of a line' })
}

async function* toEvents(changes: AsyncIterable<JobChange>): AsyncGenerator<ServerEvent, void> {
  for await (const change of changes)
    yield change.type === 'job'
      ? { event: 'job', data: change.job }
      : { event: 'log', id: String(change.line.number), data: change.line }
}
