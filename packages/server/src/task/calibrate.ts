/** The task of setting the thresholds of a model anew. */
import { recalibrateModel, readZones, type RunOptions } from '@assay/core'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeModel } from './describe.ts'
import { writeMaterial, type Material } from './material.ts'
import type { CalibrateOrder, TaskEvent, TaskResult } from './message.ts'
import { createProgress, type Progress } from './progress.ts'
import { relay } from './train-event.ts'

export async function* runCalibrate(
  order: CalibrateOrder,
  run: RunOptions,
): AsyncGenerator<TaskEvent, TaskResult> {
  const { folder, work, images, product } = order
  const good = images.filter(({ use }) => use !== 'test')
  const material = await writeMaterial(folder, 'good', product, good)
  const progress = createProgress({ calibrate: 10, write: 1, evaluate: 10 })
  const model = join(work, 'model.onnx')
  yield* calibrateTo(model, order, run, material, progress)
  return yield* describeModel({ model, order, run, images, progress })
}

/** Writes the model of the order with other thresholds, and the zones of the product, to `out`. */
export async function* calibrateTo(
  out: string,
  order: Pick<CalibrateOrder, 'folder' | 'model' | 'aims' | 'zones'>,
  run: RunOptions,
  material: Material,
  progress: Progress,
): AsyncGenerator<TaskEvent, void> {
  const { folder, model, aims } = order
  const file = join(folder, 'zones.json')
  if (order.zones !== null) await writeFile(file, JSON.stringify(order.zones))
  const zones = order.zones === null ? null : await readZones(file)
  const { products } = yield* relay(
    recalibrateModel({ ...run, model, data: material.data, out, aims, zones }),
    material,
    progress,
  )
  for (const { before, threshold } of products)
    yield {
      type: 'line',
      level: 'info',
      text: `The threshold is ${threshold.toPrecision(4)}; it was ${before.toPrecision(4)}.`,
    }
}
