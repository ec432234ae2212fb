import { AssayError } from '@assay/contract'
import { expect, test } from 'vitest'
import { JobFault, runJobs, type QueueEvent, type RunJobOptions } from './queue.ts'

type Run = (job: number, options: RunJobOptions) => Promise<string>

async function collect(
  jobs: readonly number[],
  run: Run,
  options: { workers: number; signal?: AbortSignal },
): Promise<QueueEvent<number, string>[]> {
  const events: QueueEvent<number, string>[] = []
  for await (const event of runJobs(jobs, run, options)) events.push(event)
  return events
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Ends when the signal is aborted, as a process that is told to. */
function forever({ signal }: RunJobOptions): Promise<string> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })
}

test('every job runs once, never more at a time than there are workers', async () => {
  let running = 0
  let most = 0
  const events = await collect(
    [1, 2, 3, 4, 5],
    async (job) => {
      most = Math.max(most, ++running)
      await tick()
      running--
      return `made ${job}`
    },
    { workers: 2 },
  )
  expect(most).toBe(2)
  const started = events.flatMap((e) => (e.type === 'started' ? [e.job] : []))
  expect(started).toEqual([1, 2, 3, 4, 5])
  const made = events.flatMap((e) => (e.type === 'finished' ? [e.result] : []))
  expect(made.toSorted()).toEqual(['made 1', 'made 2', 'made 3', 'made 4', 'made 5'])
})

test('a job that fails is reported as what it is, and the others go on', async () => {
  const faults = [
    new AssayError('DATA_NOT_FOUND', { path: 'nowhere' }),
    new JobFault({ code: 'RUN_FAILED', message: 'The process ended.', hint: 'Look.' }),
    new TypeError('x is not a function'),
  ]
  const events = await collect(
    [0, 1, 2, 3],
    async (job) => {
      const fault = faults[job]
      if (fault !== undefined) throw fault
      return 'well'
    },
    { workers: 1 },
  )
  const failures = events.flatMap((e) => (e.type === 'failed' ? [e.failure] : []))
  expect(failures.map((f) => f.code)).toEqual(['DATA_NOT_FOUND', 'RUN_FAILED', 'INTERNAL'])
  expect(failures[0]?.message).toBe('There is no folder at nowhere.')
  expect(failures[2]?.message).toContain('x is not a function')
  expect(events.at(-1)).toMatchObject({ type: 'finished', job: 3 })
})

test('what a job says on its way comes through before its end', async () => {
  const events = await collect(
    [7],
    async (_, { onProgress, onWarning }) => {
      onProgress({ label: 'training', done: 1, total: 2 })
      await tick()
      onWarning('odd')
      return ''
    },
    { workers: 1 },
  )
  expect(events.map((e) => e.type)).toEqual(['started', 'progress', 'warning', 'finished'])
})

test('an abort ends what runs, starts nothing more and is thrown', async () => {
  const controller = new AbortController()
  const started: number[] = []
  const done = collect(
    [1, 2, 3],
    (job, options) => {
      started.push(job)
      if (job === 2) controller.abort()
      return forever(options)
    },
    { workers: 2, signal: controller.signal },
  )
  await expect(done).rejects.toMatchObject({ name: 'AbortError' })
  expect(started).toEqual([1, 2])
})

test('whoever stops listening leaves no job running', async () => {
  let ended = 0
  const run: Run = async (_, options) => {
    try {
      return await forever(options)
    } finally {
      ended++
    }
  }
  for await (const event of runJobs([1, 2, 3], run, { workers: 2 })) if (event.job === 2) break
  expect(ended).toBe(2)
})

test('no jobs are no events', async () => {
  expect(await collect([], () => Promise.resolve(''), { workers: 3 })).toEqual([])
})
