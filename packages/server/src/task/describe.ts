/** What a training or a calibration says of the model that it made. */
import type { Card } from '@assay/contract'
import { openModel, type RunOptions } from '@assay/core'
import { evaluate } from './evaluate.ts'
import type { TaskEvaluation, TaskEvent, TaskImage, TaskResult } from './message.ts'
import type { Progress } from './progress.ts'

export interface DescribeInput {
  readonly model: string
  readonly order: { readonly folder: string; readonly product: string }
  readonly run: RunOptions
  readonly images: readonly TaskImage[]
  readonly progress: Progress
}

/** A finished model file with its card, and tested if there are test pictures. */
export async function* describeModel(input: DescribeInput): AsyncGenerator<TaskEvent, TaskResult> {
  const { model, order, run, images, progress } = input
  const tested = images.filter(({ use }) => use === 'test')
  const { folder, product } = order
  let evaluation: TaskEvaluation | null = null
  if (tested.length > 0) evaluation = yield* evaluate({ ...run, folder, product, model, tested, progress })
  else yield { type: 'line', level: 'info', text: 'There are no test pictures, so it is not evaluated.' }
  return { kind: 'model', model, card: await readCard(model, run), evaluation }
}

async function readCard(model: string, { device, threads }: RunOptions): Promise<Card> {
  await using open = await openModel(model, { device, threads })
  return open.card
}
