/** The task of a training: learns, lays the product's zones over, and tests the model if there are test pictures. */
import { AssayError } from '@assay/contract'
import { trainModel, type RunOptions, type TrainResult } from '@assay/core'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { calibrateTo } from './calibrate.ts'
import { describeModel } from './describe.ts'
import { writeMaterial, type Material } from './material.ts'
import type { TaskEvent, TaskResult, TrainOrder } from './message.ts'
import { createProgress, type Progress } from './progress.ts'
import { relay } from './train-event.ts'

const weights = {
  read: 2,
  compare: 20,
  features: 25,
  memory: 10,
  head: 25,
  calibrate: 10,
  check: 3,
  write: 1,
  evaluate: 15,
}

/** What an earlier attempt has done is not done again: the trained file, or the checkpoints of the training. */
export async function* runTrain(order: TrainOrder, run: RunOptions): AsyncGenerator<TaskEvent, TaskResult> {
  const { folder, work, images, product, zones } = order
  const learned = images.filter(({ use }) => use !== 'test')
  const material = await writeMaterial(folder, 'learned', product, learned)
  const progress = createProgress(weights)
  const trained = join(work, 'trained.onnx')
  if (await exists(trained)) yield { type: 'line', level: 'info', text: 'The model is trained already.' }
  else yield* train(order, run, trained, material, progress)
  let model = trained
  if (zones !== null) {
    model = join(work, 'model.onnx')
    yield* calibrateTo(model, { ...order, model: trained, aims: {} }, run, material, progress)
  }
  return yield* describeModel({ model, order, run, images, progress })
}

async function* train(
  order: TrainOrder,
  run: RunOptions,
  out: string,
  material: Material,
  progress: Progress,
): AsyncGenerator<TaskEvent, TrainResult> {
  const { method, profile, seed, window, aims } = order
  const { falseAlarms, falseMasks, unsure, confidence } = aims
  const options = {
    ...run,
    data: material.data,
    out,
    method,
    profile,
    seed,
    window,
    falseAlarms,
    unsure,
    confidence,
    recipe: falseMasks === undefined ? {} : { calibration: { falseMasks } },
  }
  if (await exists(join(`${out}.work`, 'plan.json'))) {
    try {
      return yield* relay(trainModel({ ...options, resume: true }), material, progress)
    } catch (error) {
      if (!isStale(error)) throw error
      yield { type: 'line', level: 'warning', text: `Begins anew: ${material.rename(error.message)}` }
    }
  }
  return yield* relay(trainModel(options), material, progress)
}

/** What the earlier attempt left belongs to another version of Assay, or is not whole. */
function isStale(error: unknown): error is AssayError {
  return error instanceof AssayError && (error.code === 'RESUME_MISMATCH' || error.code === 'RESUME_NOTHING')
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
