/**
 * The tables below the eight metrics: the masks at the model's own threshold and the strict figures, then
 * AU-sPRO, intervals and lighting conditions where an evaluation has them.
 */
import { saturatedMetricNames, type Evaluation, type MoreMetricName, type MoreMetrics } from '@assay/contract'
import { html, type Markup } from './markup.ts'
import { formatCount, formatMetric } from './number.ts'

/** Nothing for an evaluation without these metrics. */
export function moreTables({ products, mean }: Evaluation): Markup[] {
  const all: { readonly name: string; readonly more: MoreMetrics }[] = []
  for (const [name, { more }] of Object.entries(products)) if (more !== undefined) all.push({ name, more })
  if (all.length === 0) return []
  const tables = [strictTable(all, mean.more)]
  if (all.some(({ more }) => more.saturated !== undefined)) tables.push(saturatedTable(all, mean.more))
  if (all.some(({ more }) => more.intervals !== undefined)) tables.push(intervalTable(all))
  if (all.some(({ more }) => more.conditions !== undefined)) tables.push(conditionTable(all))
  return tables
}

type Named = readonly { readonly name: string; readonly more: MoreMetrics }[]

const strictHeads = {
  segF1: 'SegF1',
  iou: 'IoU',
  classF1: 'ClassF1',
  auroc05: 'AUROC to 0.05',
  aupimo: 'AUPIMO',
} as const satisfies Partial<Record<MoreMetricName, string>>
// The keys of the record above, which Object.keys forgets.
const strictNames = Object.keys(strictHeads) as (keyof typeof strictHeads)[]

function strictTable(all: Named, mean: MoreMetrics | undefined): Markup {
  const row = (name: string, more: MoreMetrics, isMean: boolean): Markup =>
    html`<tr${isMean ? html` class="mean"` : null}><th scope="row">${name}</th>${strictNames.map((metric) => html`<td${more[metric] === null ? html` class="missing" title="${more.why?.[metric]}"` : null}>${formatMetric(more[metric])}</td>`)}</tr>`
  return html`<h3>Masks, and low false positive rates</h3>
    <p class="note">
      SegF1, IoU and ClassF1 are of the masks at the model’s own threshold. AUROC is of pixels up to a false
      positive rate of 0.05, divided by it; AUPIMO is the share of each defect found where good images stay
      clean.
    </p>
    ${table(
      ['Product', ...strictNames.map((metric) => strictHeads[metric])],
      [
        ...all.map(({ name, more }) => row(name, more, false)),
        ...(all.length > 1 && mean !== undefined ? [row('Mean', mean, true)] : []),
      ],
    )}`
}

function saturatedTable(all: Named, mean: MoreMetrics | undefined): Markup {
  const withMean = all.length > 1 && mean !== undefined ? [...all, { name: 'Mean', more: mean }] : all
  const rows = withMean.flatMap(({ name, more: { saturated } }) =>
    saturated === undefined
      ? []
      : [...Object.entries(saturated.kinds), ['mean', saturated] as const].map(
          ([kind, values]) =>
            html`<tr${kind === 'mean' ? html` class="mean"` : null}><th scope="row">${name}, ${kind}</th>${saturatedMetricNames.map((metric) => html`<td>${formatMetric(values[metric])}</td>`)}</tr>`,
        ),
  )
  return html`<h3>By kind of defect</h3>
    <p class="note">
      AU-sPRO is AU-PRO in which a defect counts as found once enough of it is, as the dataset says for each
      kind of defect; up to false positive rates of 0.01 to 1. Each kind stands beside all good images, and
      the mean weighs kinds alike.
    </p>
    ${table(
      ['Product', 'Image AUROC', 'AU-sPRO 0.01', 'AU-sPRO 0.05', 'AU-sPRO 0.1', 'AU-sPRO 0.3', 'AU-sPRO 1'],
      rows,
    )}`
}

function intervalTable(all: Named): Markup {
  const { confidence = 0, draws = 0 } =
    all.find(({ more }) => more.intervals !== undefined)?.more.intervals ?? {}
  return html`<h3>Intervals</h3>
    <p class="note">
      ${confidence * 100} % of ${formatCount(draws)} draws of the test images with replacement lie between.
      Another training, camera or batch is not in it.
    </p>
    ${table(
      ['Product', 'Image AUROC', 'Image AP', 'Pixel AUROC', 'AU-PRO 0.3', 'AU-PRO 0.05'],
      all.map(({ name, more }) => {
        const i = more.intervals
        const cells = [i?.imageAuroc, i?.imageAp, i?.pixelAuroc, i?.aupro30, i?.aupro05].map((interval) =>
          interval ? `${formatMetric(interval.low)}–${formatMetric(interval.high)}` : '–',
        )
        return html`<tr>
          <th scope="row">${name}</th>
          ${cells.map((cell) => html`<td>${cell}</td>`)}
        </tr>`
      }),
    )}`
}

function conditionTable(all: Named): Markup {
  const rows = all.flatMap(({ name, more }) =>
    Object.entries(more.conditions ?? {}).map(([condition, m]) => {
      const cells = [m.imageAuroc, m.pixelAuroc, m.aupro30, m.aupro05, m.segF1, m.classF1].map(formatMetric)
      return html`<tr>
        <th scope="row">${name}, ${condition}</th>
        <td>${formatCount(m.images)}</td>
        ${cells.map((cell) => html`<td>${cell}</td>`)}
      </tr>`
    }),
  )
  return html`<h3>By lighting condition</h3>
    <p class="note">Each condition on its own; the figures above are of all images together.</p>
    ${table(
      ['Product', 'Images', 'Image AUROC', 'Pixel AUROC', 'AU-PRO 0.3', 'AU-PRO 0.05', 'SegF1', 'ClassF1'],
      rows,
    )}`
}

function table([first = '', ...others]: readonly string[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>${first}</th>
          ${others.map((head) => html`<th class="number">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}
