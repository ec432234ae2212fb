/**
 * Do promises about false alarms hold on real pictures? Scores good pictures that a model has not learned from once,
 * then sets thresholds on 200 random draws of them and counts the false alarms among the rest.
 *
 * node bench/calibration/resample.ts <model.onnx> <folder of good pictures> <name>
 *
 * broken: share of draws after which a larger share of the rest than promised lay above the threshold. The rest is
 * finite, so that a promise that is kept in the long run can be broken there by chance; `chance` is how often that
 * happens to scores without any structure (uniform numbers), over 5000 draws.
 */
import { openModel } from '@assay/core'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { setLimit } from '../../packages/core/src/calibrate/index.ts'
import { createRandom } from '../../packages/core/src/random.ts'

const [file = '', folder = '', name = ''] = process.argv.slice(2)
const draws = 200
const chanceDraws = 5000

await using model = await openModel(file, { threads: 1 })
const scores: number[] = []
const pictures = readdirSync(folder).sort()
for await (const { inspected, error } of model.inspectAll(pictures.map((p) => path.join(folder, p)))) {
  if (error !== null) throw error
  scores.push(inspected?.record.score ?? NaN)
}

console.log('set,images,drawn,rate,threshold,draws,realised,promised,broken,chance')
for (const drawn of [10, 20, 40, 60])
  for (const rate of [0.05, 0.1])
    for (const isKept of [false, true]) {
      const real = resample(scores, drawn, rate, isKept, draws)
      const chance = resample(null, drawn, rate, isKept, chanceDraws)
      const numbers = [real.realised, real.promised, real.broken, chance.broken].map((v) => v.toFixed(4))
      console.log(
        [name, scores.length, drawn, rate, isKept ? 'kept' : 'on average', draws, ...numbers].join(','),
      )
    }

/** Draws from `all`, or from fresh uniform numbers for each draw; means over the draws. */
function resample(
  all: readonly number[] | null,
  drawn: number,
  rate: number,
  isKept: boolean,
  times: number,
): { readonly realised: number; readonly promised: number; readonly broken: number } {
  const random = createRandom(1, 'resample', times, drawn)
  let realised = 0
  let promised = 0
  let broken = 0
  for (let d = 0; d < times; d++) {
    const pool = [...(all ?? Array.from({ length: scores.length }, () => random.float64()))]
    random.shuffle(pool)
    const rest = pool.slice(drawn)
    const limit = setLimit(pool.slice(0, drawn), [], { rate, unsure: null, confidence: 0.95, isKept })
    const share = rest.filter((s) => s > limit.threshold).length / rest.length
    realised += share / times
    promised += limit.promised / times
    if (share > limit.promised) broken += 1 / times
  }
  return { realised, promised, broken }
}
