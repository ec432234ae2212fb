/**
 * Is `--method auto` worth it? From the cases of `run.ts`: how often it picks the method that is best on the labelled
 * test pictures, and how many points of image AUROC it loses against the best, beside always taking one method.
 *
 *     npx node bench/choice/judge.ts <folder of cases> <csv> [methods, such as cras,patchcore,padim]
 *
 * Cases that lack one of the methods are left out.
 *
 * Nothing is trained: the decision is made anew from the kept scores. Each case counts as one product with all its
 * defects, and again as one product for each kind of defect, which shares the good pictures and the pick.
 */
import type { MethodName } from '@assay/contract'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { evaluateImages } from '../../packages/core/src/metric/index.ts'
import { decide, type Decision } from '../../packages/core/src/pipeline/choose/decide.ts'
import type { Case } from './run.ts'

const [folder = '', csv = '', asked = 'cras,patchcore,padim,robis'] = process.argv.slice(2)
const methods = asked.split(',') as MethodName[]
/** A pick that loses no more than this is as good as the best on so few pictures. */
const nearly = 0.01
/** Kinds with fewer tested pictures tell too little. */
const leastOfKind = 10

interface Judged {
  readonly set: string
  readonly pictures: number
  readonly seed: number
  /** Kind of defect, or `all`. */
  readonly defect: string
  readonly decision: Decision
  /** Image AUROC on the labelled test pictures. */
  readonly real: ReadonlyMap<MethodName, number>
}

const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Case)
  .map((c) => ({ ...c, candidates: c.candidates.filter(({ method }) => asked.split(',').includes(method)) }))
  .filter((c) => c.candidates.length === methods.length)
const judged = cases.flatMap(judgeCase)

const lines = judged.map(({ set, pictures, seed, defect, decision, real }) => {
  const synthetic = new Map(decision.ranked.map((r) => [r.method, r]))
  const figures = methods.flatMap((m) => [synthetic.get(m)?.imageAuroc ?? NaN, real.get(m) ?? NaN])
  const tied = decision.ranked.filter((r) => r.isTied).map((r) => r.method)
  const cells = [set, pictures, seed, defect, decision.method, tied.join(' ')]
  return [...cells, ...figures.map((v) => v.toFixed(4))].join(',')
})
const heads = methods.flatMap((m) => [`${m}Damaged`, `${m}Real`])
writeFileSync(csv, `${['set,pictures,seed,defect,picked,tied', ...heads].join(',')}\n${lines.join('\n')}\n`)

for (const [name, part] of [
  ['whole test sets', judged.filter((j) => j.defect === 'all')],
  ['kinds of defect', judged.filter((j) => j.defect !== 'all')],
] as const) {
  console.log(`\n${name}: ${part.length} products\n`)
  console.log('| choice | best picked | within a point | mean regret, points | worst |')
  console.log('|---|---|---|---|---|')
  say('auto', part, (j) => j.decision.method)
  say('auto, ties not seen', part, (j) => j.decision.ranked[0]?.method)
  say('by AU-PRO 0.3', part, (j) => bestBy(j.decision, (r) => r.aupro30))
  say('by AU-PRO 0.05', part, (j) => bestBy(j.decision, (r) => r.aupro05))
  for (const method of methods) say(`always ${method}`, part, () => method)
  const chance = part.map((j) => oracle(j) - mean([...j.real.values()]))
  console.log(`| any, by lot | ${(100 / methods.length).toFixed(0)} % | | ${points(mean(chance))} | |`)
}

function judgeCase({ set, pictures, seed, candidates }: Case): Judged[] {
  const scored = candidates.map(({ method, products }) => ({ method: method as MethodName, products }))
  const decision = decide(scored, seed)
  const defects = Map.groupBy(
    (candidates[0]?.tests ?? []).filter((t) => t.defect !== null),
    (t) => t.defect ?? '',
  )
  const kinds = [...defects].filter(([, tests]) => tests.length >= leastOfKind).map(([kind]) => kind)
  return ['all', ...(kinds.length > 1 ? kinds : [])].map((defect) => {
    const real = new Map(
      candidates.map(({ method, tests }) => {
        const own = tests.filter((t) => t.defect === null || defect === 'all' || t.defect === defect)
        const { imageAuroc } = evaluateImages(
          own.map((t) => t.score),
          own.map((t) => t.defect !== null),
        )
        return [method as MethodName, imageAuroc ?? NaN]
      }),
    )
    return { set, pictures, seed, defect, decision, real }
  })
}

function say(name: string, part: readonly Judged[], pick: (judged: Judged) => MethodName | undefined): void {
  const regrets = part.map((j) => oracle(j) - (j.real.get(pick(j) ?? 'cras') ?? NaN))
  const share = (limit: number): string =>
    `${((100 * regrets.filter((r) => r <= limit).length) / regrets.length).toFixed(0)} %`
  console.log(
    `| ${name} | ${share(0)} | ${share(nearly)} | ${points(mean(regrets))} | ${points(Math.max(...regrets))} |`,
  )
}

function oracle({ real }: Judged): number {
  return Math.max(...real.values())
}

function bestBy(
  { ranked }: Decision,
  figure: (candidate: Decision['ranked'][number]) => number | null,
): MethodName | undefined {
  return ranked.toSorted((a, b) => (figure(b) ?? 0) - (figure(a) ?? 0))[0]?.method
}

function points(share: number): string {
  return (100 * share).toFixed(1)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length
}
