/** What a training would make of the pictures of a product, from their rows alone. */
import { defaultRecipe } from '@assay/contract'
import type { Understanding } from '@assay/contract/api'
import type { MaterialImage } from '../store/material.ts'
import { holdOut } from '../worker/order.ts'

/** Fewer pictures to learn from than this are worth a word, as in a training. */
const few = 10

export function understand(material: readonly MaterialImage[]): Understanding {
  const good = material.filter(({ bucket, split }) => bucket === 'good' && split === 'train')
  const heldOut = holdOut(good, 0).size
  const testGood = material.filter(({ bucket, split }) => bucket === 'good' && split === 'test').length
  const defects = material.filter(({ bucket }) => bucket === 'defect')
  const testDefect = countBy(defects.map(({ defect }) => defect ?? 'defect'))
  const sizes = Object.entries(countBy(material.map(({ width, height }) => `${width} ${height}`)))
    .map(([size, images]) => {
      const [width = 0, height = 0] = size.split(' ').map(Number)
      return { width, height, images }
    })
    .sort((a, b) => b.images - a.images)
  const found = {
    training: good.length - heldOut,
    heldOut,
    testGood,
    testDefect,
    masks: defects.filter(({ mask }) => mask !== null).length,
    sizes,
    canTrain: good.length >= 2,
  }
  const unsorted = material.filter(({ bucket }) => bucket === 'unsorted').length
  return { ...found, advice: [...advise(found, defects.length, unsorted)] }
}

function* advise(
  { training, heldOut, testGood, sizes, canTrain }: Omit<Understanding, 'advice'>,
  defects: number,
  unsorted: number,
): Generator<string> {
  const { falseAlarms } = defaultRecipe.calibration
  if (!canTrain) yield 'A training needs at least two good pictures.'
  else if (training < few)
    yield `There are only ${training} good pictures to learn from; ${few} or more are better.`
  if (unsorted > 0) yield `${unsorted} pictures are neither good nor defect; no training uses them.`
  if (canTrain && heldOut < 1 / falseAlarms)
    yield `The thresholds are set on ${heldOut} good pictures; to keep false alarms at 1 in ${Math.round(1 / falseAlarms)} it takes more.`
  if (defects === 0) yield 'Without pictures of defects it cannot be tested how many are found.'
  if (testGood === 0 && defects > 0)
    yield 'Without good test pictures it cannot be tested how many false alarms there are.'
  if (sizes.length > 3) yield `The pictures have ${sizes.length} different sizes; one is best.`
}

function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1
  return counts
}
