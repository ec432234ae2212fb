/** What is said of an exported file before it is written: how far it is from the float32 file, and how fast. */
import type { CardExport, CardParity } from '@assay/contract'
import { samplePixels } from '../model/index.ts'
import { openSession, type Device } from '../runtime/index.ts'
import type { ComparedPicture } from './compared.ts'
import type { TrainEvent } from './options.ts'
import { openComparison, type ComparisonOptions } from './parity.ts'

export interface ExportComparison {
  /** From the float32 file on the CPU, per device. */
  readonly differences: CardExport['differences']
  /** From the exported file on the CPU, per device: the table of every gate. */
  readonly parity: readonly CardParity[]
}

export interface CompareExportInput extends Omit<ComparisonOptions, 'reference'> {
  /** The float32 file. */
  readonly original: Uint8Array
  readonly exported: Uint8Array
  readonly devices: readonly Device[]
  readonly pictures: readonly ComparedPicture[]
}

/** Throws what opening and inspecting throws, so MODEL_SAMPLES_DIFFER where the exported file does not repeat. */
export async function* compareExport({
  original,
  exported,
  devices,
  pictures,
  ...options
}: CompareExportInput): AsyncGenerator<TrainEvent, ExportComparison> {
  await using against = await openComparison(exported, devices, { ...options, reference: original })
  await using itself = await openComparison(exported, devices, options)
  for (const [i, { picture, name }] of pictures.entries()) {
    await against.add(picture, name)
    await itself.add(picture, name)
    yield { type: 'stage', stage: 'check', done: i + 1, total: pictures.length }
  }
  const verdicts = against.countVerdicts()
  const differences = against.finish().map((row, i) => ({ ...row, verdicts: verdicts[i] ?? 0 }))
  return { differences, parity: itself.finish() }
}

/** Runs that are timed of each file, one in turn. */
const timedRuns = 7

/** Shortest time for one input of the size, in milliseconds, for each of several models. */
export async function timeModels(
  models: readonly Uint8Array[],
  device: Device,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<readonly number[]> {
  await using opened = new AsyncDisposableStack()
  const sessions = []
  for (const model of models) sessions.push(opened.use(await openSession(model, device, 'the timed model')))
  const data = samplePixels({ height, width, seed: 0 })
  const best = models.map(() => Infinity)
  for (let run = 0; run < timedRuns; run++)
    for (const [i, session] of sessions.entries()) {
      const started = performance.now()
      await session.run({ image: { dtype: 'uint8', shape: [1, height, width, 3], data } })
      best[i] = Math.min(best[i]!, performance.now() - started)
    }
  return best
}
