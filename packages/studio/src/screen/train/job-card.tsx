/** One job: how far it is, what it is learning, and what can be done about it. */
import type { ApiJob } from '@assay/contract/api'
import { call } from '../../client/request.ts'
import { formatDuration, formatScore, formatTime } from '../../part/number.ts'
import { isUnfinished, jobWords, losses, putJob } from '../../state/job.ts'
import { may } from '../../state/session.ts'
import { attempt, tell } from '../../state/toast.ts'
import { Spark } from '../../view/spark.tsx'

const statusWords: Readonly<Record<ApiJob['status'], string>> = {
  queued: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

export function JobCard({ job, onLog }: { job: ApiJob; onLog: () => void }) {
  const { id, request, status, stage, progress, secondsLeft, loss, attempt: tries, error, product } = job
  const seen = losses.value.get(id) ?? []
  const canEdit = may('engineer')
  const cancel = async (): Promise<void> => {
    putJob(await call('cancelJob', { job: id }))
    tell('The job is cancelled.', () => call('retryJob', { job: id }).then(putJob))
  }
  const detail = request.kind === 'train' ? `${request.method}, ${request.profile}` : ''
  return (
    <article class={`job ${status}`}>
      <header>
        <b>{jobWords[request.kind]}</b>
        <span class="soft">{detail}</span>
        <span class={`state ${status}`}>{statusWords[status]}</span>
      </header>
      {isUnfinished(job) && (
        <>
          <progress
            value={status === 'queued' ? 0 : progress}
            aria-label={`Progress of ${jobWords[request.kind]}`}
          />
          <p class="soft">
            {stage ?? (status === 'queued' ? 'waits for a worker' : 'begins')}
            {status === 'running' && ` · ${Math.round(progress * 100)} %`}
            {secondsLeft !== null && ` · about ${formatDuration(secondsLeft)} left`}
            {loss !== null && ` · loss ${formatScore(loss)}`}
            {tries > 1 && ` · attempt ${tries}`}
          </p>
        </>
      )}
      <Spark values={seen} label="Loss while it was learned" />
      {error !== null && (
        <p class="note defect">
          {error.title} <small>{error.hint}</small>
        </p>
      )}
      <footer>
        <span class="soft grow">
          {formatTime(job.createdAt)}
          {job.endedAt !== null &&
            job.startedAt !== null &&
            ` · took ${formatDuration((Date.parse(job.endedAt) - Date.parse(job.startedAt)) / 1000)}`}
        </span>
        <button type="button" onClick={onLog}>
          Log
        </button>
        {isUnfinished(job) && (
          <button type="button" disabled={!canEdit} onClick={() => void attempt(cancel)}>
            Cancel
          </button>
        )}
        {(status === 'failed' || status === 'cancelled') && (
          <button
            type="button"
            disabled={!canEdit}
            onClick={() => void attempt(async () => putJob(await call('retryJob', { job: id })))}
          >
            Go on from where it was
          </button>
        )}
        {status === 'done' && request.kind !== 'inspect' && (
          <a class="button" href={`/product/${product}/decide`}>
            Decide
          </a>
        )}
        {status === 'done' && request.kind === 'inspect' && (
          <a class="button" href={`/product/${product}/history`}>
            Results
          </a>
        )}
      </footer>
    </article>
  )
}
