/** Server-sent events of jobs. The browser goes on by itself after a lost connection, from the last line it has. */
import type { ApiJob, JobLine } from '@assay/contract/api'
import { noteAnswer, noteSilence } from './connection.ts'
import { addressOf } from './request.ts'

export interface JobListener {
  readonly onJob: (job: ApiJob) => void
  readonly onLine?: (line: JobLine) => void
  /** Also after every reconnection: what came between has to be asked for. */
  readonly onOpen?: () => void
}

const reopenMs = 2000

/** Of one job, or of all. Gives the way to stop. */
export function watchJobs(job: string | null, { onJob, onLine, onOpen }: JobListener): () => void {
  const address = job === null ? addressOf('watchJobs', {}) : addressOf('watchJob', { job })
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = (): void => {
    source = new EventSource(address)
    source.addEventListener('open', () => {
      noteAnswer()
      onOpen?.()
    })
    source.addEventListener('error', () => {
      noteSilence()
      // A refusal closes it for good, and so does a proxy that answers for a server that is away.
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, reopenMs)
    })
    source.addEventListener('job', ({ data }: MessageEvent<string>) => onJob(JSON.parse(data) as ApiJob))
    source.addEventListener('log', ({ data }: MessageEvent<string>) => onLine?.(JSON.parse(data) as JobLine))
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}
