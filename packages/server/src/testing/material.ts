/** A few synthesised parts as the material of a task. */
import { synthesiseDataset } from '@assay/core'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskImage } from '../task/message.ts'

/** Writes 10 good parts to train, 2 held out, 2 good and 2 scratched ones to test below `folder`. */
export async function synthesiseTaskImages(folder: string): Promise<TaskImage[]> {
  const counts = { train: 10, validationGood: 2, testGood: 2, testDefect: 2 }
  await synthesiseDataset(folder, {
    products: ['metal'],
    defects: ['scratch'],
    counts,
    size: { width: 128, height: 128 },
    seed: 7,
  })
  const list = async (
    part: string,
    use: TaskImage['use'],
    label: TaskImage['label'],
  ): Promise<TaskImage[]> => {
    const names = (await readdir(join(folder, 'metal', part))).sort()
    return names.map((name) => ({
      id: `${part}/${name}`,
      name: `${part.replace('/', ' ')} ${name}`,
      sha256: '0'.repeat(64),
      path: join(folder, 'metal', part, name),
      use,
      label,
      defect: label === 'defect' ? 'scratch' : null,
      mask:
        label === 'defect'
          ? join(folder, 'metal', 'ground_truth', 'scratch', name.replace('.png', '_mask.png'))
          : null,
    }))
  }
  return [
    ...(await list('train/good', 'train', 'good')),
    ...(await list('validation/good', 'hold-out', 'good')),
    ...(await list('test/good', 'test', 'good')),
    ...(await list('test/scratch', 'test', 'defect')),
  ]
}
