/** One run: trains and evaluates in a process of its own, so that its peak memory is its own; prints one JSON line. */
import { evaluateModel, trainModel } from '@assay/core'
import type { MethodName, ProfileName } from '@assay/contract'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const [data = '', method = '', profile = '', seed = '', threads = ''] = process.argv.slice(2)
const folder = mkdtempSync(path.join(tmpdir(), 'assay-bench-'))
const model = path.join(folder, 'model.onnx')

async function finish<T>(run: AsyncGenerator<unknown, T>): Promise<T> {
  let state = await run.next()
  while (state.done !== true) state = await run.next()
  return state.value
}

try {
  const trained = await finish(
    trainModel({
      data,
      out: model,
      // The command line of run.ts names them.
      method: method as MethodName,
      profile: profile as ProfileName,
      seed: Number(seed),
      threads: Number(threads),
    }),
  )
  const trainingPeak = process.resourceUsage().maxRSS
  const evaluated = await finish(evaluateModel({ model, data, threads: Number(threads) }))
  console.log(
    JSON.stringify({
      ...evaluated.evaluation,
      routing: evaluated.routing,
      confusion: evaluated.confusion,
      trainSeconds: trained.seconds,
      inspectMs: (1000 * evaluated.seconds) / evaluated.images,
      trainPeakMb: trainingPeak / 1024,
      steps: trained.steps,
    }),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
