import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { access } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { synthesiseTaskImages } from '../testing/material.ts'
import type { TaskEvent, TaskImage, TrainOrder } from './message.ts'
import { runTask } from './run-task.ts'

let folder: TestFolder
let images: readonly TaskImage[]
beforeAll(async () => {
  folder = await createTestFolder()
  images = await synthesiseTaskImages(folder.at('parts'))
})
afterAll(() => folder[Symbol.asyncDispose]())

function orderIn(work: string): TrainOrder {
  return {
    kind: 'train',
    folder: work,
    work,
    product: 'part',
    images,
    threads: 1,
    maxPixels: undefined,
    method: 'patchcore',
    profile: 'fast',
    seed: 1,
    window: undefined,
    aims: {},
    zones: null,
  }
}

const never = new AbortController().signal

/** Runs a training and does something to its process at the first word of it. */
async function runAnd(work: string, harm: (pid: number) => void, silenceMs = 120_000): Promise<unknown> {
  let pid = 0
  let isDone = false
  const onEvent = (): void => {
    if (!isDone) harm(pid)
    isDone = true
  }
  const onStart = (started: number): void => void (pid = started)
  return await runTask(orderIn(work), { onEvent, onStart, signal: never, silenceMs })
}

test('ways to end badly are told apart: killed by the system, broken down, silent', async () => {
  await using work = await createTestFolder()
  await expect(runAnd(work.path, (pid) => process.kill(pid, 'SIGKILL'))).rejects.toMatchObject({
    code: 'TASK_OUT_OF_MEMORY',
  })
  await expect(runAnd(work.path, (pid) => process.kill(pid, 'SIGSEGV'))).rejects.toMatchObject({
    code: 'TASK_CRASHED',
    message: expect.stringContaining('SIGSEGV'),
  })
  await expect(runAnd(work.path, (pid) => process.kill(pid, 'SIGSTOP'), 15_000)).rejects.toMatchObject({
    code: 'TASK_SILENT',
  })
})

test('a task that is stopped ends, throws why, and leaves what a later one goes on with', async () => {
  await using work = await createTestFolder()
  const stop = new AbortController()
  const reason = new Error('no longer wanted')
  const onEvent = (event: TaskEvent): void => {
    if (event.type === 'progress' && event.progress.stage === 'features') stop.abort(reason)
  }
  await expect(runTask(orderIn(work.path), { onEvent, signal: stop.signal })).rejects.toBe(reason)
  await access(work.at('trained.onnx.work', 'plan.json'))
})

test('what the task itself throws arrives as it was, and names of pictures stand for their files', async () => {
  await using work = await createTestFolder()
  const broken = await folder.write('broken', 'no picture')
  const order = orderIn(work.path)
  const lines: string[] = []
  const result = runTask(
    {
      ...order,
      images: images.map((image) => ({ ...image, path: `${broken}${image.id.length}` })).slice(0, 1),
    },
    { onEvent: (event) => event.type === 'line' && lines.push(event.text), signal: never },
  )
  await expect(result).rejects.toMatchObject({ code: 'DATA_NO_GOOD_IMAGES' })
  expect(lines.join('\n')).toContain('train good 000.png')
  expect(lines.join('\n')).not.toContain(broken)
})
