import { expect, test } from 'vitest'
import { rowOf } from '../experiment/testing/row.ts'
import { renderBenchPage } from './bench-page.ts'
import { stripChart } from './strip-chart.ts'

const hostile = `<script>alert("1")</script>&'`

const rows = ['cras', 'patchcore'].flatMap((method, m) =>
  ['caps', 'lids'].flatMap((set, s) =>
    [0, 1, 2].map((seed) =>
      rowOf({
        set,
        method,
        seed,
        imageAuroc: 0.9 + 0.01 * (m + s + seed),
        aupro30: null,
        trainSeconds: 10 + seed,
        peakMb: 1234.5,
        page: `run/${set} ${method} #${seed}/index.html`,
      }),
    ),
  ),
)

const page = renderBenchPage({ title: 'quality', rows, failures: [] }).replace(/\s+/g, ' ')

test('each variant has its mean and deviation on each set and over all sets', () => {
  expect(page).toContain('<h2>cras fast net</h2>')
  expect(page).toContain('<th scope="row">caps</th><td>3</td><td>91.0 ± 1.0</td>')
  expect(page).toContain('<th scope="row">Mean</th><td>3</td><td>91.5 ± 1.0</td>')
  expect(page).toContain('<h2>patchcore fast net</h2>')
})

test('each run has a link to its own page, its time and its memory', () => {
  expect(page).toContain('href="run/caps%20cras%20%230/index.html"')
  expect(page.match(/href="run\//g)).toHaveLength(rows.length)
  expect(page).toContain('<td>1 235</td>')
  expect(page).toContain('<td>12</td>')
})

test('a metric that no run has gets no chart', () => {
  expect(page).toContain('Image AUROC</h2>')
  expect(page).not.toContain('AU-PRO up to 0.3</h2>')
})

test('a run that failed is on the page with its reason', () => {
  const failures = [{ name: 'caps cras', message: 'There is no folder at caps.', hint: 'Give one.' }]
  const failed = renderBenchPage({ title: 'quality', rows, failures }).replace(/\s+/g, ' ')
  expect(failed).toContain('1 run failed')
  expect(failed).toContain('caps cras: There is no folder at caps.<small>Give one.</small>')
})

test('a page without any run says so', () => {
  expect(renderBenchPage({ title: 'quality', rows: [], failures: [] })).toContain('No run has ended well.')
})

test('names of strangers cannot run anything in the page', () => {
  const strange = [
    rowOf({ set: hostile, product: hostile, machine: hostile, imageAuroc: 0.5, page: hostile }),
  ]
  const failures = [{ name: hostile, message: hostile, hint: hostile }]
  const html = renderBenchPage({ title: hostile, rows: strange, failures })
  expect(html).not.toContain('<script')
  expect(html).toContain('&lt;script&gt;')
})

test('every value has a dot inside the chart, however close to 100 % or far from it', () => {
  const values = [1, 0.999, 0.5, 0]
  const { markup } = stripChart([{ name: 'caps', rows: [{ name: 'cras', values }] }], 'words')
  const places = [...markup.matchAll(/class="dot" cx="([\d.]+)"/g)].map((m) => Number(m[1]))
  expect(places).toHaveLength(4)
  expect(Math.min(...places)).toBeGreaterThanOrEqual(300)
  expect(Math.max(...places)).toBeLessThanOrEqual(760)
  expect(places).toEqual(places.toSorted((a, b) => b - a))
})
