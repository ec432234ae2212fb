/**
 * Trains and compares the candidates of `--method auto` on one set, and has the same trained candidates judge the
 * labelled test pictures, which auto never sees: one JSON file per case, from which `judge.ts` makes the table.
 *
 *     npx node bench/choice/run.ts <data> <set> <folder> [--seed 0] [--pictures 0] [--tests 60] [--threads 1]
 *         [--methods cras,patchcore,padim,robis]
 *
 * --pictures: only so many good training pictures exist (0: all of them); --tests: at most so many good test pictures,
 * and so many of each kind of defect up to twice as many in all, drawn by the set's name.
 */
import { readDataset, type Sample } from '@assay/core'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openBackbone } from '../../packages/core/src/backbone/index.ts'
import { prepareInput } from '../../packages/core/src/feature/index.ts'
import { decodeImage } from '../../packages/core/src/image/index.ts'
import { groupCandidates, listCandidates } from '../../packages/core/src/pipeline/choose/candidate.ts'
import { trainGroup } from '../../packages/core/src/pipeline/choose/group.ts'
import { readInputs, splitPictures } from '../../packages/core/src/pipeline/choose/inputs.ts'
import { openGroup } from '../../packages/core/src/pipeline/choose/judge.ts'
import { scoreGroup, type ProductScores } from '../../packages/core/src/pipeline/choose/score.ts'
import { planTrainingSet } from '../../packages/core/src/pipeline/training-set.ts'
import { createRandom } from '../../packages/core/src/random.ts'
import { chooseDevice } from '../../packages/core/src/runtime/index.ts'

/** One file: what every candidate gave on damaged good pictures, and on the real test pictures. */
export interface Case {
  readonly set: string
  readonly seed: number
  /** Good pictures that there were; 0 for all of the set. */
  readonly pictures: number
  readonly training: number
  readonly heldOut: number
  readonly candidates: readonly {
    readonly method: string
    readonly seconds: number
    readonly products: readonly ProductScores[]
    readonly tests: readonly { readonly defect: string | null; readonly score: number }[]
  }[]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '0' },
    pictures: { type: 'string', default: '0' },
    tests: { type: 'string', default: '60' },
    threads: { type: 'string', default: '1' },
    methods: { type: 'string', default: 'cras,patchcore,padim,robis' },
  },
})
const [data = '', set = '', folder = ''] = positionals
const seed = Number(values.seed)
const pictures = Number(values.pictures)
const file = path.join(folder, `${set}-${pictures}-${seed}.json`)
if (existsSync(file)) process.exit(0)
mkdirSync(folder, { recursive: true })

const device = await chooseDevice({ device: 'cpu', threads: Number(values.threads) })
const dataset = await readDataset(data)
const [product] = dataset.products
if (product === undefined || dataset.products.length > 1) throw new Error('one product at a time')
const good = product.samples.filter((s) => s.label === 'good' && s.split !== 'test')
const kept = new Set(
  createRandom(seed, 'bench-pictures').sample(good.length, pictures === 0 ? good.length : pictures),
)
const samples = good.filter((_, i) => kept.has(i))
const asked = values.methods.split(',')
const candidates = listCandidates({ seed }, 1).candidates.filter((c) => asked.includes(c.method))
const [first] = candidates
if (first === undefined) throw new Error('no candidates')
const planning = planTrainingSet({ ...dataset, products: [{ ...product, samples }] }, first.recipe)
let planned = await planning.next()
while (planned.done !== true) planned = await planning.next()
const plans = planned.value
const parts = splitPictures(plans, seed)
if (parts === null) throw new Error('too few pictures')
const options = {
  plans,
  parts,
  recipe: first.recipe,
  maxPixels: undefined,
  source: undefined,
  signal: undefined,
}
const products = await readInputs(options)
const tests = await readTests(product.samples)

const results: Case['candidates'][number][] = []
for (const group of groupCandidates(candidates)) {
  const { backbone: id, taps } = group[0]?.recipe.features ?? { backbone: '', taps: [] }
  const training = trainGroup(group, products, await openBackbone(id, taps), device, undefined)
  let state = await training.next()
  while (state.done !== true) state = await training.next()
  const trained = state.value
  await using judge = await openGroup(trained, 1, device)
  const methods = trained.trained.map((t) => t.method)
  const scoring = scoreGroup(judge, methods, products, seed, undefined)
  let scored = await scoring.next()
  while (scored.done !== true) scored = await scoring.next()
  const real = new Map(methods.map((m) => [m, [] as Case['candidates'][number]['tests'][number][]]))
  for (const { input, defect } of tests)
    for (const { method, score } of await judge.judge(input, 0)) real.get(method)?.push({ defect, score })
  for (const { method, seconds } of trained.trained)
    results.push({
      method,
      seconds,
      products: scored.value.get(method) ?? [],
      tests: real.get(method) ?? [],
    })
}
const [own] = products
const done: Case = {
  set,
  seed,
  pictures,
  training: own?.training.length ?? 0,
  heldOut: own?.heldOut.length ?? 0,
  candidates: results,
}
writeFileSync(
  file,
  JSON.stringify(done, (_, v: unknown) => (typeof v === 'number' ? Number(v.toPrecision(7)) : v)),
)

async function readTests(all: readonly Sample[]) {
  const most = Number(values.tests)
  const defects = Map.groupBy(
    all.filter((s) => s.split === 'test' && s.label === 'defect'),
    (s) => s.defect ?? '',
  )
  const perKind = Math.min(most, Math.ceil((2 * most) / defects.size))
  const draw = (from: readonly Sample[], count: number): Sample[] =>
    Array.from(
      createRandom(0, 'bench-tests', set).sample(from.length, Math.min(from.length, count)),
      (i) => from[i] as Sample,
    )
  const chosen = [
    ...draw(
      all.filter((s) => s.split === 'test' && s.label === 'good'),
      most,
    ),
    ...[...defects.values()].flatMap((list) => draw(list, perKind)),
  ]
  const geometry = plans[0]?.geometry
  if (geometry === undefined || first === undefined) throw new Error('no plan')
  const { input } = first.recipe
  return await Promise.all(
    chosen.map(async ({ path: image, defect, label }) => ({
      input: prepareInput(await decodeImage(image), geometry, input),
      defect: label === 'good' ? null : (defect ?? ''),
    })),
  )
}
