/**
 * The page of an evaluation: first what the model would do in the factory at its own threshold, then the
 * eight metrics, then each product with its scores and worst errors, and at the end what truth was used.
 */
import {
  metricNames,
  type Card,
  type Evaluation,
  type MetricName,
  type Metrics,
  type Verdict,
} from '@assay/contract'
import { colourLegend, type ColourAt } from './legend.ts'
import { histogramChart } from './histogram.ts'
import { thresholdTable } from './inspection-page.ts'
import { html, type Markup } from './markup.ts'
import { moreTables } from './more-metrics.ts'
import { countOf, decimalsFor, formatCount, formatMetric, formatScore, formatShare } from './number.ts'
import { modelFacts, renderPage, type PageLink } from './page.ts'
import { picturePair, type Pictures } from './picture.ts'
import { proLimit, type PixelCurves } from './pixel-curve.ts'
import { precisionRecallChart, toSteps } from './precision-recall.ts'
import { rocChart } from './roc.ts'
import { scoreBar } from './score-bar.ts'
import { squareChart } from './square-chart.ts'
import { findingBadge } from './verdict.ts'

/** One test image whose label is known. */
export interface EvaluatedImage {
  readonly name: string
  readonly label: 'good' | 'defect'
  /** Kind of defect, from its folder; null for good images. */
  readonly defect: string | null
  readonly score: number
  readonly verdict: Verdict
}

export interface WorstImage extends EvaluatedImage {
  readonly pictures: Pictures
}

export interface EvaluatedProduct {
  readonly name: string
  readonly threshold: number
  readonly images: readonly EvaluatedImage[]
  /** The good images with the highest scores, highest first. */
  readonly strangestGood: readonly WorstImage[]
  /** The defects with the lowest scores, lowest first. */
  readonly faintestDefects: readonly WorstImage[]
  /** Null where no mask is known. */
  readonly curves: PixelCurves | null
}

export interface EvaluationPage {
  readonly title: string
  readonly model: string
  readonly card: Card
  readonly evaluation: Evaluation
  readonly products: readonly EvaluatedProduct[]
  /** How often the product was recognised, for models of several. */
  readonly routing: { readonly correct: number; readonly total: number } | null
  readonly failures: readonly { readonly image: string; readonly message: string; readonly hint: string }[]
  readonly colourAt: ColourAt
  readonly links?: readonly PageLink[]
}

/** A self-contained HTML document; pictures are referred to by relative links. */
export function renderEvaluationPage(page: EvaluationPage): string {
  const { card, evaluation, products } = page
  const decimals = decimalsFor(products.map((p) => p.threshold))
  const all = sumDecisions(products.map((p) => countDecisions(p.images)))
  return renderPage({
    title: page.title,
    kind: 'Evaluation',
    facts: modelFacts(page.model, card),
    links: page.links ?? [],
    main: html`${headline(all, evaluation.mean, page.routing)} ${failureList(page.failures)}
      <h2>Verdicts at the model’s own threshold</h2>
      ${decisionTable(products)}
      <h2>Metrics</h2>
      <p class="note">Over all thresholds, in percent. Better is higher.</p>
      ${metricTable(evaluation)} ${moreTables(evaluation)}
      <div class="key">
        ${colourLegend(page.colourAt)}<span><span class="swatch"></span>found</span
        ><span><span class="swatch truth"></span>true mask</span>
      </div>
      ${products.map((product, i) => productSection(product, evaluation.products[product.name], decimals, i))}
      ${protocol(card, products)} ${thresholdTable(card)}`,
  })
}

interface Decisions {
  readonly good: number
  readonly goodFlagged: number
  readonly defects: number
  readonly defectsMissed: number
}

function countDecisions(images: readonly EvaluatedImage[]): Decisions {
  const count = (label: 'good' | 'defect', isGood: boolean): number =>
    images.filter((i) => i.label === label && (i.verdict === 'good') === isGood).length
  const goodFlagged = count('good', false)
  const defectsMissed = count('defect', true)
  return {
    good: goodFlagged + count('good', true),
    goodFlagged,
    defects: defectsMissed + count('defect', false),
    defectsMissed,
  }
}

function sumDecisions(parts: readonly Decisions[]): Decisions {
  const sum = (key: keyof Decisions): number => parts.reduce((total, part) => total + part[key], 0)
  return {
    good: sum('good'),
    goodFlagged: sum('goodFlagged'),
    defects: sum('defects'),
    defectsMissed: sum('defectsMissed'),
  }
}

const shareOf = (part: number, whole: number): string => (whole === 0 ? '–' : formatShare(part / whole))

function headline(all: Decisions, mean: Metrics, routing: EvaluationPage['routing']): Markup {
  const figure = (name: string, value: string, note: string): Markup =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value} <small>${note}</small></dd>
    </div>`
  const percent = (share: number | null): string => (share === null ? '–' : formatShare(share))
  const found = all.defects - all.defectsMissed
  const passed = all.good - all.goodFlagged
  return html`<dl class="figures">
    ${figure('Defects found', `${formatCount(found)} of ${formatCount(all.defects)}`, shareOf(found, all.defects))}${figure('Good parts passed', `${formatCount(passed)} of ${formatCount(all.good)}`, shareOf(passed, all.good))}${figure('Image AUROC', percent(mean.imageAuroc), 'mean of products')}${figure('AU-PRO 0.3', percent(mean.aupro30), 'mean of products')}${routing === null ? null : figure('Product recognised', shareOf(routing.correct, routing.total), `${formatCount(routing.correct)} of ${formatCount(routing.total)}`)}
  </dl>`
}

function failureList(failures: EvaluationPage['failures']): Markup | null {
  if (failures.length === 0) return null
  return html`<h2>${countOf(failures.length, 'image')} could not be used</h2>
    <ul>
      ${failures.map(
        (f) =>
          html`<li>
            <p class="problem">${f.message}<small>${f.hint}</small></p>
          </li>`,
      )}
    </ul>`
}

function decisionTable(products: readonly EvaluatedProduct[]): Markup {
  const rows = products.map((p) => ({ name: p.name, d: countDecisions(p.images), isSum: false }))
  if (rows.length > 1) rows.push({ name: 'All', d: sumDecisions(rows.map((r) => r.d)), isSum: true })
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          <th>Product</th>
          <th class="number">Good parts</th>
          <th class="number">Flagged</th>
          <th class="number">False alarms</th>
          <th class="number">Defects</th>
          <th class="number">Missed</th>
          <th class="number">Escapes</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(({ name, d, isSum }) => html`<tr${isSum ? html` class="mean"` : null}><th scope="row">${name}</th><td>${formatCount(d.good)}</td><td>${formatCount(d.goodFlagged)}</td><td>${shareOf(d.goodFlagged, d.good)}</td><td>${formatCount(d.defects)}</td><td>${formatCount(d.defectsMissed)}</td><td>${shareOf(d.defectsMissed, d.defects)}</td></tr>`)}
      </tbody>
    </table>
  </div>`
}

const metricHeads: Readonly<Record<MetricName, string>> = {
  imageAuroc: 'AUROC',
  imageAp: 'AP',
  imageF1Max: 'F1-max',
  pixelAuroc: 'AUROC',
  pixelAp: 'AP',
  pixelF1Max: 'F1-max',
  aupro30: 'AU-PRO 0.3',
  aupro05: 'AU-PRO 0.05',
}

function metricTable(evaluation: Evaluation): Markup {
  const rows = Object.entries(evaluation.products).map(([name, m]) => ({ name, m, isMean: false }))
  if (rows.length !== 1) rows.push({ name: 'Mean', m: evaluation.mean, isMean: true })
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <td class="corner"></td>
            <th class="group" colspan="3">image</th>
            <th class="group" colspan="3">pixel</th>
            <th class="group" colspan="2">region</th>
          </tr>
          <tr>
            <th>Product</th>
            ${metricNames.map((name) => html`<th class="number">${metricHeads[name]}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(({ name, m, isMean }) => html`<tr${isMean ? html` class="mean"` : null}><th scope="row">${name}</th>${metricNames.map((metric) => html`<td${m[metric] === null ? html` class="missing" title="${m.why?.[metric]}"` : null}>${formatMetric(m[metric])}</td>`)}</tr>`)}
        </tbody>
      </table>
    </div>
    ${Object.entries(evaluation.products).flatMap(([name, metrics]) => missingReasons(name, metrics))}`
}

/** One sentence per reason, with the metrics it takes away. */
function missingReasons(product: string, metrics: Metrics): Markup[] {
  const why = metrics.why ?? {}
  const byReason = Map.groupBy(
    metricNames.filter((metric) => metrics[metric] === null),
    (metric) => why[metric] ?? 'the data cannot give it',
  )
  return [...byReason].map(
    ([reason, missing]) =>
      html`<p class="note">– ${product}: ${missing.map(metricPhrase).join(', ')}: ${reason}</p>`,
  )
}

function metricPhrase(metric: MetricName): string {
  const level = /^(image|pixel)/.exec(metric)?.[0]
  return level === undefined ? metricHeads[metric] : `${level} ${metricHeads[metric]}`
}

function productSection(
  product: EvaluatedProduct,
  metrics: Metrics | undefined,
  decimals: number,
  index: number,
): Markup {
  const good = product.images.filter((i) => i.label === 'good').map((i) => i.score)
  const defect = product.images.filter((i) => i.label === 'defect').map((i) => i.score)
  return html`<section class="product-section" id="product-${index + 1}">
    <h2>${product.name}</h2>
    <p class="note">${countOf(good.length, 'good image')}, ${countOf(defect.length, 'defect')}</p>
    <div class="plots">
      <div>
        <h3>Scores</h3>
        ${histogramChart({ good, defect, threshold: product.threshold, decimals }, `Scores of ${product.name}: ${good.length} good images above the axis, ${defect.length} defects below it`)}
      </div>
      <div>
        <h3>ROC${areaWords(metrics?.imageAuroc)}</h3>
        ${rocChart(good, defect, product.threshold, `ROC curve of ${product.name}`)}
      </div>
    </div>
    <div class="plots curves">
      <div>
        <h3>PR of images${areaWords(metrics?.imageAp)}</h3>
        ${precisionRecallChart(good, defect, product.threshold, `Precision-recall curve of the images of ${product.name}`)}
      </div>
      ${pixelCharts(product, metrics)}
    </div>
    ${kindTable(product, decimals)}${worstList('Good parts with the highest scores', product.strangestGood, product.threshold, decimals)}${worstList('Defects with the lowest scores', product.faintestDefects, product.threshold, decimals)}
  </section>`
}

function pixelCharts({ name, curves }: EvaluatedProduct, metrics: Metrics | undefined): Markup | null {
  if (curves === null) return null
  return html`<div>
      <h3>PR of pixels${areaWords(metrics?.pixelAp)}</h3>
      ${squareChart({
        curve: toSteps(curves.precisionRecall),
        xLabel: 'defect pixels found (recall)',
        yLabel: 'precision',
        words: `Precision-recall curve of the pixels of ${name}`,
      })}
    </div>
    <div>
      <h3>PRO${areaWords(metrics?.aupro30)}</h3>
      ${squareChart({
        curve: curves.pro,
        xMax: proLimit,
        xLabel: 'false positives among good pixels',
        yLabel: 'overlap',
        words: `Per-region overlap of ${name} over the false positive rate of pixels, up to ${proLimit}`,
      })}
    </div>`
}

/** ", area 98.4 %" behind a heading. */
function areaWords(area: number | null | undefined): Markup | null {
  return area === null || area === undefined ? null : html`, area ${formatMetric(area)} %`
}

function kindTable(product: EvaluatedProduct, decimals: number): Markup | null {
  const defects = product.images.filter((i) => i.label === 'defect')
  const kinds = Map.groupBy(defects, (i) => i.defect ?? 'defect')
  if (kinds.size < 2) return null
  const rows = [...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return html`<h3>Kinds of defect</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Kind</th>
            <th class="number">Images</th>
            <th class="number">Found</th>
            <th class="number">Share</th>
            <th class="number">Lowest score</th>
            <th class="number">Median score</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(([kind, images]) => {
            const scores = images.map((i) => i.score).toSorted((a, b) => a - b)
            const found = images.filter((i) => i.verdict !== 'good').length
            return html`<tr>
              <th scope="row">${kind}</th>
              <td>${formatCount(images.length)}</td>
              <td>${formatCount(found)}</td>
              <td>${shareOf(found, images.length)}</td>
              <td>${formatScore(scores[0] ?? NaN, decimals)}</td>
              <td>${formatScore(median(scores), decimals)}</td>
            </tr>`
          })}
        </tbody>
      </table>
    </div>`
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

function worstList(
  title: string,
  images: readonly WorstImage[],
  threshold: number,
  decimals: number,
): Markup | null {
  if (images.length === 0) return null
  return html`<h3>${title}</h3>
    <ul class="worst">
      ${images.map(
        (i) =>
          html`<li>
            ${picturePair(i.pictures, i.name)}
            <div class="line"><span class="name">${i.name}</span>${findingBadge(i.verdict)}</div>
            <div class="score">
              ${scoreBar({ score: i.score, threshold, decimals })}<span class="numbers"
                ><b>${formatScore(i.score, decimals)}</b>
                <a href="#thresholds">threshold ${formatScore(threshold, decimals)}</a></span
              >
            </div>
          </li>`,
      )}
    </ul>`
}

function protocol(card: Card, products: readonly EvaluatedProduct[]): Markup {
  const images = products.reduce((sum, p) => sum + p.images.length, 0)
  return html`<section id="protocol">
    <h2>How these numbers were made</h2>
    <dl class="protocol">
      <dt>Training</dt>
      <dd>
        ${card.sees === 'good' ? 'From good images only; no test image was looked at, and the last step was taken as it came.' : 'As published: the test images were looked at while training or choosing. These numbers reproduce a paper; they do not say what a factory would get.'}
      </dd>
      <dt>Verdicts</dt>
      <dd>
        ${countOf(images, 'image')}, one at a time, at the thresholds of the model file. The labels of the
        test images were used to count, not to decide.
      </dd>
      <dt>AUROC, AP, AU-PRO</dt>
      <dd>
        Over all thresholds, so no threshold is chosen. AU-PRO is the area under the curve of per-region
        overlap up to a false positive rate of 0.3 and of 0.05, divided by that rate; regions of the true
        masks are 8-connected.
      </dd>
      <dt>SegF1, IoU, ClassF1</dt>
      <dd>
        Of the masks as the model file makes them. SegF1 and IoU pool the pixels of all images of a product;
        ClassF1 takes an image as flagged when its mask has any pixel, whatever its score says.
      </dd>
      <dt>F1-max</dt>
      <dd>
        At the threshold that is best on these very test images. It is an upper bound and needs the answers;
        compare it with published tables only.
      </dd>
    </dl>
  </section>`
}
