/**
 * Markdown tables from the CSV of run.ts: mean and standard deviation over seeds, per set and over the sets.
 *
 *   npx node bench/quality/table.ts bench/results/quality.csv
 */
import { metricNames } from '@assay/contract'
import { readFileSync } from 'node:fs'

const [header = '', ...lines] = readFileSync(process.argv[2] ?? '', 'utf8')
  .trim()
  .split('\n')
const names = header.split(',')
const rows = lines.map((line) => {
  const cells = line.split(',')
  return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']))
})

type Row = (typeof rows)[number]

const key = (row: Row): string => `${row['method']} ${row['profile']}`
const sets = [...new Set(rows.map((r) => r['set'] ?? ''))].filter((s) => !s.includes('@'))
const variants = [...new Set(rows.map(key))]
const seedsOf = (variant: string): string[] =>
  [...new Set(rows.filter((r) => key(r) === variant).map((r) => r['seed'] ?? ''))].filter((seed) =>
    sets.every((set) => rows.some((r) => key(r) === variant && r['set'] === set && r['seed'] === seed)),
  )

console.log(
  `| method and profile | set | seeds | ${metricNames.join(' | ')} | good flagged | defects missed |`,
)
console.log(`|---|---|---|${metricNames.map(() => '---').join('|')}|---|---|`)
for (const variant of variants) {
  for (const set of [...sets, 'mean']) {
    const seeds =
      set === 'mean'
        ? seedsOf(variant)
        : rows.filter((r) => key(r) === variant && r['set'] === set).map((r) => r['seed'] ?? '')
    if (seeds.length === 0) continue
    const over = (column: (row: Row) => number): string => {
      const perSeed = seeds.map((seed) => {
        const chosen = rows.filter(
          (r) =>
            key(r) === variant &&
            r['seed'] === seed &&
            (set === 'mean' ? sets.includes(r['set'] ?? '') : r['set'] === set),
        )
        return chosen.reduce((sum, r) => sum + column(r), 0) / chosen.length
      })
      const mean = perSeed.reduce((a, b) => a + b, 0) / perSeed.length
      const spread = Math.sqrt(
        perSeed.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, perSeed.length - 1),
      )
      return perSeed.length > 1
        ? `${(100 * mean).toFixed(1)} ± ${(100 * spread).toFixed(1)}`
        : (100 * mean).toFixed(1)
    }
    const share = (bad: string, good: string): string =>
      over((r) => Number(r[bad]) / (Number(r[bad]) + Number(r[good])))
    const cells = metricNames.map((name) => over((r) => Number(r[name])))
    console.log(
      `| ${variant} | ${set} | ${seeds.length} | ${cells.join(' | ')} | ${share('goodFlagged', 'goodPassed')} | ${share('defectsMissed', 'defectsFound')} |`,
    )
  }
}
