/**
 * The page of a folder of inspected images: the part first, then where, how sure and how large.
 *
 * Filter, sort and search are a few lines of script; without it everything is there, strangest first.
 */
import { formatRate, roundRateUp, type Card, type Inspection, type Region } from '@assay/contract'
import { filterScript } from './filter-script.ts'
import { colourLegend, type ColourAt } from './legend.ts'
import { html, type Markup } from './markup.ts'
import { countOf, decimalsFor, formatCount, formatScore, formatShare } from './number.ts'
import { modelFacts, renderPage, type PageLink } from './page.ts'
import { picturePair, type Pictures } from './picture.ts'
import { scoreBar } from './score-bar.ts'
import { findingBadge, findingSymbol, findingWords, findings, type Finding } from './verdict.ts'

export interface InspectionItem {
  readonly record: Inspection
  /** Null when the image could not be inspected. */
  readonly pictures: Pictures | null
}

export interface InspectionPage {
  readonly title: string
  /** Name of the model file. */
  readonly model: string
  readonly card: Card
  readonly items: readonly InspectionItem[]
  /** The colours in which the heat maps were painted. */
  readonly colourAt: ColourAt
  readonly links?: readonly PageLink[]
}

/** A self-contained HTML document; pictures are referred to by relative links. */
export function renderInspectionPage(page: InspectionPage): string {
  const { items, card } = page
  const counts = countFindings(items)
  const decimals = decimalsFor(card.products.map((p) => p.image.threshold))
  const pixelDecimals = decimalsFor(card.products.map((p) => p.pixel.threshold))
  const products = [...new Set(items.flatMap((item) => item.record.product ?? []))].toSorted()
  const placed = items.map((item, index) => ({ item, index, strangeness: strangenessOf(item.record, card) }))
  const hasTruth = items.some((item) => (item.pictures?.truth ?? '') !== '')
  return renderPage({
    title: page.title,
    kind: 'Inspection',
    facts: modelFacts(page.model, card),
    links: page.links ?? [],
    script: filterScript,
    main: html`<dl class="figures">
        <div>
          <dt>Images</dt>
          <dd>${formatCount(items.length)}</dd>
        </div>
        ${shownFindings(counts).map(
          (f) =>
            html`<div>
              <dt>${findingWords[f]}</dt>
              <dd>
                ${formatCount(counts[f])}
                <small>${formatShare(items.length === 0 ? 0 : counts[f] / items.length)}</small>
              </dd>
            </div>`,
        )}
      </dl>
      <div class="share-bar" aria-hidden="true">
        ${findings.filter((f) => counts[f] > 0).map((f) => html`<span class="${f}" style="flex:${counts[f]}"></span>`)}
      </div>
      ${toolbar(items.length, counts, products)}
      <div class="key">
        ${colourLegend(page.colourAt)}<span
          ><span class="swatch"></span>outline of what lies above the pixel threshold</span
        >${hasTruth ? html`<span><span class="swatch truth"></span>true mask</span>` : null}
      </div>
      ${items.length === 0 ? html`<p class="empty">No images.</p>` : null}
      <ul class="cards" id="cards">
        ${placed.toSorted(byStrangeness).map((p) => itemCard(p, decimals, pixelDecimals, products.length > 1))}
      </ul>
      <p class="empty" id="none" hidden>No image fits this filter.</p>
      ${thresholdTable(card)}`,
  })
}

/** What the record says, with failure as a fourth finding. */
export function findingOf(record: Inspection): Finding {
  return record.error !== null || record.verdict === null ? 'failed' : record.verdict
}

/** How many images have which finding. */
export function countFindings(items: readonly { readonly record: Inspection }[]): Record<Finding, number> {
  const counts: Record<Finding, number> = { defect: 0, unsure: 0, good: 0, failed: 0 }
  for (const item of items) counts[findingOf(item.record)]++
  return counts
}

/** The table that says where each threshold came from; every score on a page links to it. */
export function thresholdTable(card: Card): Markup {
  const truth =
    card.sees === 'good'
      ? 'They were set from good images that were held out of training. No defect was seen.'
      : 'They were set with a look at the test images, as published; do not take them for what a factory would get.'
  const decimals = decimalsFor(card.products.map((p) => p.image.threshold))
  const pixelDecimals = decimalsFor(card.products.map((p) => p.pixel.threshold))
  const hasBand = card.products.some((p) => p.unsure !== null)
  return html`<section id="thresholds">
    <h2>Where the thresholds come from</h2>
    <p class="note">${truth}</p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Product</th>
            <th class="number">Training images</th>
            <th class="number">Held out</th>
            <th class="number">Above the threshold</th>
            <th class="number">Aimed at</th>
            <th class="number">Promised</th>
            ${hasBand ? html`<th class="number">Unsure above</th>` : null}
            <th class="number">Image threshold</th>
            <th class="number">Pixel threshold</th>
            <th class="number">Model input</th>
          </tr>
        </thead>
        <tbody>
          ${card.products.map(
            (p) =>
              html`<tr>
                <th scope="row">${p.name}</th>
                <td>${formatCount(p.trainingImages)}</td>
                <td>${formatCount(p.heldOutImages)}</td>
                <td>${formatCount(p.heldOutAbove)}</td>
                <td>${formatRate(p.falseAlarms)}</td>
                <td>${p.promised === null ? '–' : formatRate(roundRateUp(p.promised.falseAlarms))}</td>
                ${hasBand ? html`<td>${p.unsure === null ? '–' : formatScore(p.unsure, decimals)}</td>` : null}
                <td>${formatScore(p.image.threshold, decimals)}</td>
                <td>${formatScore(p.pixel.threshold, pixelDecimals)}</td>
                <td>${p.width} × ${p.height}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${promiseNote(card)}${zoneTable(card, decimals, pixelDecimals)}
  </section>`
}

function promiseNote({ products }: Card): Markup | null {
  const promised = products.find((p) => p.promised !== null)?.promised
  if (promised === undefined || promised === null) return null
  return html`<p class="note">
    Of good images like those held out, no larger share than promised is above the threshold, with
    ${formatRate(promised.confidence)} confidence; the number of held-out images allows no better promise.
  </p>`
}

/** The zones of all products with their thresholds, where there are any. */
function zoneTable({ products }: Card, decimals: number, pixelDecimals: number): Markup | null {
  const zones = products.flatMap((p) => (p.zones?.zones ?? []).map((zone) => ({ product: p.name, zone })))
  if (zones.length === 0) return null
  return html`<div class="scroll">
    <table>
      <caption>
        Zones. Later ones lie over earlier ones; the score of an image is that of its strangest zone, put on
        the scale of the product.
      </caption>
      <thead>
        <tr>
          <th>Product</th>
          <th>Zone</th>
          <th class="number">Image threshold</th>
          <th class="number">Pixel threshold</th>
        </tr>
      </thead>
      <tbody>
        ${zones.map(
          ({ product, zone }) =>
            html`<tr>
              <th scope="row">${product}</th>
              <td class="text">${zone.name}</td>
              <td>${zone.image === undefined ? 'ignored' : formatScore(zone.image.threshold, decimals)}</td>
              <td>${zone.pixel === undefined ? '–' : formatScore(zone.pixel.threshold, pixelDecimals)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function shownFindings(counts: Record<Finding, number>): Finding[] {
  return findings.filter((f) => counts[f] > 0 || f === 'defect' || f === 'good')
}

interface PlacedItem {
  readonly item: InspectionItem
  /** Place in the order given. */
  readonly index: number
  readonly strangeness: number
}

function byStrangeness(a: PlacedItem, b: PlacedItem): number {
  if (a.strangeness === b.strangeness) return a.index - b.index
  return b.strangeness > a.strangeness ? 1 : -1
}

/** How far above the threshold, in units of the calibration, comparable between products; failures come first. */
function strangenessOf(record: Inspection, card: Card): number {
  const { score, threshold, product } = record
  if (score === null || threshold === null) return Infinity
  const scale = card.products.find((p) => p.name === product)?.image.scale ?? 1
  return (score - threshold) / scale
}

function toolbar(total: number, counts: Record<Finding, number>, products: readonly string[]): Markup {
  const choice = (value: string, label: string, count: number, symbol: Markup | null): Markup =>
    html`<label
      ><input type="radio" name="finding" value="${value}" ${value === '' ? html` checked` : null} /><span
        >${symbol}${label} <i>${formatCount(count)}</i></span
      ></label
    >`
  return html`<form class="tools" id="tools" hidden aria-label="Filter and sort">
    <fieldset>
      <legend class="visually-hidden">Verdict</legend>
      ${choice('', 'All', total, null)}${shownFindings(counts).map((f) => choice(f, findingWords[f], counts[f], findingSymbol(f)))}
    </fieldset>
    ${
      products.length < 2
        ? null
        : html`<label
            ><span class="visually-hidden">Product</span
            ><select name="product">
              <option value="">All products</option>
              ${products.map((p) => html`<option>${p}</option>`)}
            </select></label
          >`
    }
    <label
      ><span class="visually-hidden">Sort</span
      ><select name="sort">
        <option value="strange">Strangest first</option>
        <option value="familiar">Most familiar first</option>
        <option value="name">As given</option>
      </select></label
    >
    <label
      ><span class="visually-hidden">Search by name</span
      ><input type="search" name="text" placeholder="Search by name" autocomplete="off"
    /></label>
    <label class="tick"><input type="checkbox" name="outline" checked /> Outlines</label>
    <output id="shown"></output>
  </form>`
}

function itemCard(placed: PlacedItem, decimals: number, pixelDecimals: number, showProduct: boolean): Markup {
  const { item, index, strangeness } = placed
  const { record, pictures } = item
  const finding = findingOf(record)
  const slash = Math.max(record.image.lastIndexOf('/'), record.image.lastIndexOf('\\')) + 1
  return html`<li
    data-finding="${finding}"
    data-product="${record.product}"
    data-score="${Number.isFinite(strangeness) ? strangeness.toFixed(4) : ''}"
    data-index="${index}"
    data-name="${record.image}"
  >
    <div class="card-head">
      <h3><span class="path">${record.image.slice(0, slash)}</span>${record.image.slice(slash)}</h3>
      ${showProduct && record.product !== null ? html`<span class="product">${record.product}</span>` : null}${findingBadge(finding)}
    </div>
    ${pictures === null ? null : picturePair(pictures, record.image)}${record.error === null ? null : html`<p class="problem">${record.error.message}<small>${record.error.hint}</small></p>`}${scoreLine(record, decimals)}${regionTable(record.regions, pixelDecimals)}
  </li> `
}

function scoreLine(record: Inspection, decimals: number): Markup | null {
  const { score, threshold, unsure } = record
  if (score === null || threshold === null) return null
  return html`<div class="score">
    ${scoreBar({ score, threshold, unsure, decimals })}<span class="numbers"
      ><b>${formatScore(score, decimals)}</b>
      <a href="#thresholds">threshold ${formatScore(threshold, decimals)}</a></span
    >
  </div>`
}

const shownRegions = 3

function regionTable(regions: readonly Region[], decimals: number): Markup | null {
  if (regions.length === 0) return null
  const ordered = regions.toSorted((a, b) => b.peak - a.peak)
  const area = regions.reduce((sum, r) => sum + r.areaPx, 0)
  const hasSize = regions.some((r) => r.lengthMm !== undefined)
  const hasZone = regions.some((r) => r.zone !== undefined)
  const rows = (some: readonly Region[]): Markup =>
    html`<table class="regions">
      <thead>
        <tr>
          <th>Place (x, y)</th>
          <th class="number">Size</th>
          <th class="number">Area</th>
          ${hasSize ? html`<th class="number">Length</th>` : null}${hasZone ? html`<th class="number">Zone</th>` : null}
          <th class="number">Peak</th>
        </tr>
      </thead>
      <tbody>
        ${some.map(
          (r) =>
            html`<tr>
              <td>${r.box[0]}, ${r.box[1]}</td>
              <td>${r.box[2]} × ${r.box[3]}</td>
              <td>
                ${r.areaMm2 === undefined ? html`${formatCount(r.areaPx)} px` : html`${formatSize(r.areaMm2)} mm²`}
              </td>
              ${hasSize ? html`<td>${formatSize(r.lengthMm ?? NaN)} mm</td>` : null}${hasZone ? html`<td>${r.zone}</td>` : null}
              <td>${formatScore(r.peak, decimals)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`
  const more = ordered.length - shownRegions
  return html`<details${more > 0 ? null : html` open`}><summary>${countOf(regions.length, 'region')}, ${formatCount(area)} px</summary>${rows(ordered.slice(0, 200))}${ordered.length > 200 ? html`<p class="note">and ${formatCount(ordered.length - 200)} fainter ones</p>` : null}</details>`
}

/** Millimetres and square millimetres with three digits. */
function formatSize(size: number): string {
  return String(Number(size.toPrecision(3)))
}
