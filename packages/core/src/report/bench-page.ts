/**
 * The page over many runs: who is better where, then every number with its spread, then each run with its own
 * page, its time and its memory.
 */
import {
  medianOf,
  rowLabel,
  summariseRows,
  type BenchRow,
  type Spread,
  type SummaryColumn,
  type SummaryLine,
  type VariantSummary,
} from '../experiment/index.ts'
import { html, toHref, type Markup } from './markup.ts'
import { countOf, formatCount } from './number.ts'
import { renderPage } from './page.ts'
import { stripChart } from './strip-chart.ts'

export interface BenchPage {
  readonly title: string
  readonly rows: readonly BenchRow[]
  /** Runs that ended badly the last time. */
  readonly failures: readonly { readonly name: string; readonly message: string; readonly hint: string }[]
}

/** A self-contained HTML document; the pages of the runs are referred to by relative links. */
export function renderBenchPage({ title, rows, failures }: BenchPage): string {
  const variants = summariseRows(rows)
  const machines = [...new Set(rows.map((row) => row.machine))]
  const versions = [...new Set(rows.map((row) => row.assay))]
  return renderPage({
    title,
    kind: 'Bench',
    facts: [
      html`<b>${formatCount(countRuns(rows))}</b> runs of ${countOf(variants.length, 'variant')}`,
      html`Assay <b>${versions.join(', ')}</b>`,
      ...machines.map((machine) => html`${machine}`),
    ],
    links: [],
    main: html`${failureList(failures)}${rows.length === 0 ? html`<p class="empty">No run has ended well.</p>` : null}
    ${comparison(rows, variants, 'imageAuroc', 'Image AUROC')}
    ${comparison(rows, variants, 'aupro30', 'AU-PRO up to 0.3')} ${variants.map(variantTable)}
    ${rows.length === 0 ? null : runTable(rows)} ${protocol()}`,
  })
}

function countRuns(rows: readonly BenchRow[]): number {
  return new Set(rows.map(runName)).size
}

function runName({ set, method, profile, backbone, recipe, seed }: BenchRow): string {
  return [set, method, profile, backbone, recipe, seed].join('\n')
}

function failureList(failures: BenchPage['failures']): Markup | null {
  if (failures.length === 0) return null
  return html`<h2>${countOf(failures.length, 'run')} failed</h2>
    <ul>
      ${failures.map(
        (f) =>
          html`<li>
            <p class="problem">${f.name}: ${f.message}<small>${f.hint}</small></p>
          </li>`,
      )}
    </ul>`
}

function comparison(
  rows: readonly BenchRow[],
  variants: readonly VariantSummary[],
  column: 'imageAuroc' | 'aupro30',
  head: string,
): Markup | null {
  if (!rows.some((row) => row[column] !== null)) return null
  const labels = [...new Set(rows.map(rowLabel))]
  const groups = labels.map((label) => ({
    name: label,
    rows: variants.map(({ variant, rows: own }) => ({
      name: variant,
      values: own.filter((row) => rowLabel(row) === label).flatMap((row) => row[column] ?? []),
    })),
  }))
  return html`<h2>${head}</h2>
    <p class="note">In percent; a dot for each seed, a line for their mean.</p>
    <div class="scroll">${stripChart(groups, `${head} of each variant on each set`)}</div>`
}

const metricColumns: readonly (readonly [column: SummaryColumn, head: string])[] = [
  ['imageAuroc', 'AUROC'],
  ['imageAp', 'AP'],
  ['imageF1Max', 'F1-max'],
  ['pixelAuroc', 'AUROC'],
  ['pixelAp', 'AP'],
  ['pixelF1Max', 'F1-max'],
  ['aupro30', 'AU-PRO 0.3'],
  ['aupro05', 'AU-PRO 0.05'],
  ['segF1', 'SegF1'],
  ['iou', 'IoU'],
  ['goodFlaggedShare', 'Good flagged'],
  ['defectsMissedShare', 'Defects missed'],
]

function variantTable({ variant, lines, mean }: VariantSummary): Markup {
  return html`<h2>${variant}</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <td class="corner" colspan="2"></td>
            <th class="group" colspan="3">image</th>
            <th class="group" colspan="3">pixel</th>
            <th class="group" colspan="2">region</th>
            <th class="group" colspan="2">masks</th>
            <th class="group" colspan="2">verdicts</th>
          </tr>
          <tr>
            <th>Set</th>
            <th class="number">Seeds</th>
            ${metricColumns.map(([, head]) => html`<th class="number">${head}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${lines.map((line) => summaryRow(line))}${mean === null ? null : summaryRow(mean)}
        </tbody>
      </table>
    </div>`
}

function summaryRow({ label, seeds, cells }: SummaryLine): Markup {
  return html`<tr${label === null ? html` class="mean"` : null}><th scope="row">${label ?? 'Mean'}</th><td>${seeds}</td>${metricColumns.map(([column]) => html`<td${cells[column] === null ? html` class="missing"` : null}>${formatSpread(cells[column])}</td>`)}</tr>`
}

/** In percent: "91.8 ± 0.6", or "91.8" for a single value. */
function formatSpread(spread: Spread | null): string {
  if (spread === null) return '–'
  const mean = (spread.mean * 100).toFixed(1)
  return spread.deviation === null ? mean : `${mean} ± ${(spread.deviation * 100).toFixed(1)}`
}

function runTable(rows: readonly BenchRow[]): Markup {
  const runs = [...Map.groupBy(rows, runName).values()]
  const cost = (value: number | null, digits: number): string =>
    value === null ? '–' : formatCount(Number(value.toFixed(digits)))
  const median = (column: 'trainSeconds' | 'inspectMs' | 'trainPeakMb' | 'peakMb', digits: number): string =>
    cost(medianOf(runs.flatMap(([row]) => row?.[column] ?? [])), digits)
  return html`<h2>Runs</h2>
    <p class="note">
      Each in a process of its own. Peaks are of that process: until the model was written, and with the
      evaluation. The time of a picture includes decoding and the counting of all metrics.
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Run</th>
            <th>Variant</th>
            <th class="number">Seed</th>
            <th class="number">Steps</th>
            <th class="number">Training, s</th>
            <th class="number">A picture, ms</th>
            <th class="number">Training peak, MB</th>
            <th class="number">Peak, MB</th>
            <th class="number">Model, MB</th>
            <th class="number">Threads</th>
            <th class="number">Side by side</th>
          </tr>
        </thead>
        <tbody>
          ${runs.map(([row]) => (row === undefined ? html`` : runRow(row, cost)))}
          <tr class="mean">
            <th scope="row">Median</th>
            <td></td>
            <td></td>
            <td></td>
            <td>${median('trainSeconds', 1)}</td>
            <td>${median('inspectMs', 0)}</td>
            <td>${median('trainPeakMb', 0)}</td>
            <td>${median('peakMb', 0)}</td>
            <td></td>
            <td></td>
            <td></td>
          </tr>
        </tbody>
      </table>
    </div>`
}

function runRow(row: BenchRow, cost: (value: number | null, digits: number) => string): Markup {
  const { set, method, profile, backbone, page } = row
  return html`<tr>
    <th scope="row">${page === '' ? set : html`<a href="${toHref(page)}">${set}</a>`}</th>
    <td class="text">${method} ${profile} ${backbone}</td>
    <td>${row.seed ?? '–'}</td>
    <td>${cost(row.steps, 0)}</td>
    <td>${cost(row.trainSeconds, 1)}</td>
    <td>${cost(row.inspectMs, 0)}</td>
    <td>${cost(row.trainPeakMb, 0)}</td>
    <td>${cost(row.peakMb, 0)}</td>
    <td>${cost(row.modelMb, 1)}</td>
    <td>${row.threads ?? '–'}</td>
    <td>${row.workers ?? '–'}</td>
  </tr>`
}

function protocol(): Markup {
  return html`<section id="protocol">
    <h2>How these numbers were made</h2>
    <dl class="protocol">
      <dt>Mean and deviation</dt>
      <dd>
        Over the seeds; the deviation is that of a sample. The line of means takes the mean over the sets of
        each seed first, from the seeds that all sets have. A deviation over seeds says nothing about other
        pictures.
      </dd>
      <dt>No choice by the test images</dt>
      <dd>The last step of every training as it came. Verdicts are at the thresholds of each model.</dd>
      <dt>More of a run</dt>
      <dd>
        Each run has a page with its curves, its scores and its worst errors. The numbers of this page lie in
        runs.csv.
      </dd>
    </dl>
  </section>`
}
