/** Whether a smaller file is as good as the float32 one, on labelled test images. */
import { evaluateModel } from './evaluate.ts'
import type { ExportEvent, ExportOptions } from './export.ts'

/** Mean over the products; null where the test images cannot tell. */
interface AurocPair {
  readonly before: number | null
  readonly after: number | null
}

export interface AurocComparison {
  readonly image: AurocPair
  readonly pixel: AurocPair
  /** Whether neither of the two is more than 0.1 points below that of the float32 file. */
  readonly isEqual: boolean
}

/** 0.1 points. */
const allowedFall = 1e-3

export async function* compareAuroc(
  before: string,
  after: string,
  data: string,
  { threads, maxPixels, heldPixels, products, signal }: ExportOptions,
): AsyncGenerator<ExportEvent, AurocComparison> {
  const run = { data, threads, maxPixels, heldPixels, products, signal }
  const first = yield* evaluate({ ...run, model: before })
  const second = yield* evaluate({ ...run, model: after })
  const image = { before: first.imageAuroc, after: second.imageAuroc }
  const pixel = { before: first.pixelAuroc, after: second.pixelAuroc }
  const isEqual = [image, pixel].every(
    (pair) => pair.before === null || (pair.after !== null && pair.after >= pair.before - allowedFall),
  )
  return { image, pixel, isEqual }
}

async function* evaluate(
  options: Parameters<typeof evaluateModel>[0],
): AsyncGenerator<ExportEvent, { readonly imageAuroc: number | null; readonly pixelAuroc: number | null }> {
  const run = evaluateModel(options)
  for (;;) {
    const { done, value } = await run.next()
    if (done === true) return value.evaluation.mean
    if (value.type === 'stage')
      yield { type: 'stage', stage: 'evaluate', done: value.done, total: value.total }
    else if (value.type !== 'inspected') yield value
  }
}
