/**
 * The task of inspecting many pictures. What is done is written down picture by picture, so that a later attempt
 * goes on after the last one.
 */
import { openModel, type RunOptions } from '@assay/core'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspectFile } from '../judge/inspect-file.ts'
import type { InspectedFile, InspectOrder, TaskEvent, TaskResult } from './message.ts'
import { createProgress } from './progress.ts'

export async function* runInspect(
  order: InspectOrder,
  run: RunOptions,
): AsyncGenerator<TaskEvent, TaskResult> {
  const { work, images } = order
  const list = join(work, 'inspected.jsonl')
  const done = await readDone(list)
  const progress = createProgress({ inspect: 1 })
  await using model = await openModel(order.model, run)
  for (const { id, name, path } of images) {
    run.signal?.throwIfAborted()
    if (done.has(id)) continue
    const names = { map: `${id}.map.tiff`, mask: `${id}.mask.png` }
    const files = { map: join(work, names.map), mask: join(work, names.mask) }
    const found = await inspectFile(model, path, { name, ...files, keepFault: true })
    const result = { ...found, image: id, ...(found.map === null ? {} : names) }
    if (result.record.error !== null)
      yield { type: 'line', level: 'error', text: result.record.error.message }
    await appendFile(list, `${JSON.stringify(result)}\n`)
    done.set(id, result)
    yield { type: 'progress', progress: progress.report('inspect', done.size, images.length) }
  }
  return { kind: 'inspections', inspected: [...done.values()] }
}

/** A line that a kill cut off is not counted. */
async function readDone(list: string): Promise<Map<string, InspectedFile>> {
  const text = await readFile(list, 'utf8').catch(() => '')
  const done = new Map<string, InspectedFile>()
  for (const line of text.split('\n').slice(0, -1)) {
    // Written above, whole up to the line break; one that a kill cut off went on as part of the next.
    const result = parseLine(line)
    if (result !== null) done.set(result.image, result)
  }
  return done
}

function parseLine(line: string): InspectedFile | null {
  try {
    return JSON.parse(line) as InspectedFile
  } catch {
    return null
  }
}
