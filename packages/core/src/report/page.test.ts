import { defaultRecipe, type Card, type Inspection, type Metrics, type MoreMetrics } from '@assay/contract'
import { Script } from 'node:vm'
import { expect, test } from 'vitest'
import { renderEvaluationPage, type EvaluationPage, type EvaluatedImage } from './evaluation-page.ts'
import { filterScript } from './filter-script.ts'
import { renderInspectionPage, type InspectionItem } from './inspection-page.ts'
import type { Pictures } from './picture.ts'

const hostile = `<script>alert("1")</script>&'`

const card: Card = {
  version: 1,
  assay: '0.1.0',
  method: 'cras',
  recipe: defaultRecipe,
  sees: 'good',
  weights: { backbone: 'efficientnet-lite0', origin: 'o', licence: 'l', sha256: 's' },
  data: { images: 90, sha256: 's' },
  products: [
    {
      name: hostile,
      height: 384,
      width: 384,
      window: null,
      trainingImages: 81,
      heldOutImages: 9,
      image: { threshold: 2, scale: 0.3 },
      pixel: { threshold: 3, scale: 0.3 },
      mask: [null],
      falseAlarms: 0.02,
      heldOutAbove: 1,
      unsure: null,
      aims: null,
      promised: { falseAlarms: 0.2, falseMasks: 0.3, confidence: 0.95 },
      zones: null,
      history: [],
    },
  ],
  view: null,
  samples: [],
  parity: [],
  tools: {},
}

const pictures: Pictures = {
  part: 'page/part/a #1.jpg',
  heat: 'page/heat/a #1.jpg',
  large: 'overlays/a #1.png',
  original: '../parts/a #1.png',
  width: 640,
  height: 480,
  outline: 'M1 1L2 1L2 2Z',
}

const record: Inspection = {
  image: `parts/${hostile}.png`,
  product: hostile,
  score: 3.25,
  calibrated: 0.98,
  threshold: 2,
  verdict: 'defect',
  regions: [{ box: [10, 20, 30, 40], areaPx: 1234, lengthPx: 5, mean: 1, peak: 4.5 }],
  map: null,
  mask: null,
  error: null,
}

const good: Inspection = {
  ...record,
  image: 'good.png',
  score: 1.5,
  calibrated: 0.2,
  verdict: 'good',
  regions: [],
}

const failed: Inspection = {
  image: 'cut.png',
  product: null,
  score: null,
  calibrated: null,
  threshold: null,
  verdict: null,
  regions: [],
  map: null,
  mask: null,
  error: { code: 'IMAGE_UNREADABLE', message: `Cannot decode ${hostile}.`, hint: 'Look at it.' },
}

const colourAt = (): string => 'rgb(1 2 3)'

const inspectionPage = (items: readonly InspectionItem[]): string =>
  renderInspectionPage({ title: hostile, model: hostile, card, items, colourAt })

/** Throws when a tag is not closed where it should be. */
function checkNesting(page: string): void {
  const voids = new Set(['meta', 'link', 'img', 'input', 'hr', 'br'])
  const open: string[] = []
  const body = page.replace(/<(script|style)>[^]*?<\/\1>/g, '').replace('<!doctype html>', '')
  for (const [, slash, name = '', rest = ''] of body.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^<>"])*)>/g,
  )) {
    if (slash === '/') expect(open.pop()).toBe(name)
    else if (!voids.has(name) && !rest.trimEnd().endsWith('/')) open.push(name)
  }
  expect(open).toEqual([])
}

test('file names and product names of strangers cannot run anything in the page', () => {
  const page = inspectionPage([
    { record, pictures },
    { record: failed, pictures: null },
  ])
  expect(page).not.toContain('<script>alert')
  expect(page.match(/<script>/g)).toHaveLength(1)
  checkNesting(page)
})

test('the page loads nothing from anywhere else', () => {
  const page = inspectionPage([{ record, pictures }])
  const links = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((m) => m[1] ?? '')
  expect(links.length).toBeGreaterThan(3)
  for (const link of links) expect(link).not.toMatch(/^(?:[a-z]+:)?\/\/|^https?:/)
  expect(page).not.toMatch(/@import|url\((?!#)/)
})

test('every image has verdict in words, score, threshold, regions and pictures of the part first', () => {
  const page = inspectionPage([{ record, pictures }])
  expect(page).toContain('symbol-defect')
  expect(page).toMatch(/class="badge defect">.*Defect<\/span>/s)
  expect(page).toContain('Score 3.250, above the threshold of 2.000')
  expect(page).toContain('30 × 40')
  expect(page).toContain('1\u202f234 px')
  expect(page.indexOf('page/part/a%20%231.jpg')).toBeLessThan(page.indexOf('page/heat/a%20%231.jpg'))
  expect(page).toContain('href="overlays/a%20%231.png"')
})

test('an image that could not be inspected is shown with the reason, first of all', () => {
  const page = inspectionPage([
    { record: good, pictures },
    { record, pictures },
    { record: failed, pictures: null },
  ])
  const order = [...page.matchAll(/data-finding="(\w+)"/g)].map((m) => m[1])
  expect(order).toEqual(['failed', 'defect', 'good'])
  expect(page).toContain('Look at it.')
  expect(page).toContain('Not inspected')
})

test('strangest first holds far above the threshold, where the calibrated score no longer tells', () => {
  const far = (name: string, score: number): InspectionItem => ({
    record: { ...record, image: name, score, calibrated: 1 },
    pictures,
  })
  const page = inspectionPage([far('b', 30), far('a', 40), far('c', 20)])
  expect([...page.matchAll(/data-name="(\w)"/g)].map((m) => m[1])).toEqual(['a', 'b', 'c'])
})

test('the page says where the thresholds come from', () => {
  expect(inspectionPage([])).toContain('No defect was seen.')
  const peeked = renderInspectionPage({
    title: 't',
    model: 'm',
    card: { ...card, sees: 'test' },
    items: [],
    colourAt,
  })
  expect(peeked).toContain('do not take them for what a factory would get')
})

test('what is promised stands beside what was aimed at', () => {
  const page = inspectionPage([{ record, pictures }])
  // The card promises 1 in 5 where 0.02 was aimed at.
  expect(page).toMatch(/<td>1 in 50<\/td>\s*<td>1 in 5<\/td>/)
  expect(page).toContain('95 % confidence')
  const [product] = card.products
  if (product === undefined) throw new Error('no product')
  const earlier = { ...card, products: [{ ...product, promised: null }] }
  const old = renderInspectionPage({ title: 'old', model: 'm', card: earlier, items: [], colourAt })
  expect(old).toMatch(/<td>1 in 50<\/td>\s*<td>–<\/td>/)
  expect(old).not.toContain('confidence')
})

test('an unsure image has its band in the bar, and zones and millimetres are shown where there are any', () => {
  const unsure: Inspection = {
    ...record,
    score: 1.8,
    unsure: 1.5,
    verdict: 'unsure',
    regions: [
      {
        box: [1, 2, 3, 4],
        areaPx: 9,
        lengthPx: 5,
        mean: 1,
        peak: 2,
        zone: hostile,
        areaMm2: 0.02249,
        lengthMm: 1.2345,
      },
    ],
  }
  const page = inspectionPage([{ record: unsure, pictures: { ...pictures, zones: 'M0 0L9 0L9 9Z' } }])
  expect(page).toContain('Score 1.800, in the unsure band below the threshold of 2.000')
  expect(page).toContain('class="bar between"')
  expect(page).toContain('<path class="zone" d="M0 0L9 0L9 9Z"')
  expect(page).toMatch(/<td>\s*0\.0225 mm²\s*<\/td>/)
  expect(page).toContain('<td>1.23 mm</td>')
  expect(page).not.toContain('<script>alert')
  checkNesting(page)
})

test('the filter script is sound JavaScript and cannot end its own element', () => {
  expect(() => new Script(filterScript)).not.toThrow()
  expect(filterScript).not.toContain('</')
})

const image = (label: 'good' | 'defect', score: number, defect: string | null = null): EvaluatedImage => ({
  name: `${label}-${score}`,
  label,
  defect,
  score,
  verdict: score > 2 ? 'defect' : 'good',
})

const metrics: Metrics = {
  imageAuroc: 0.9712,
  imageAp: 0.96,
  imageF1Max: 0.95,
  pixelAuroc: null,
  pixelAp: null,
  pixelF1Max: null,
  aupro30: null,
  aupro05: null,
  why: Object.fromEntries(
    ['pixelAuroc', 'pixelAp', 'pixelF1Max', 'aupro30', 'aupro05'].map((name) => [name, 'no masks']),
  ),
}

const evaluation: EvaluationPage = {
  title: 'shared',
  model: 'model.onnx',
  card,
  evaluation: { mean: metrics, products: { [hostile]: metrics } },
  products: [
    {
      name: hostile,
      threshold: 2,
      images: [
        image('good', 1),
        image('good', 2.5),
        image('defect', 1.5, 'scratch'),
        image('defect', 3, 'dent'),
      ],
      curves: null,
      strangestGood: [{ ...image('good', 2.5), pictures }],
      faintestDefects: [
        { ...image('defect', 1.5, 'scratch'), pictures: { ...pictures, truth: 'M3 3L4 3L4 4Z' } },
      ],
    },
  ],
  routing: { correct: 3, total: 4 },
  failures: [{ image: 'cut.png', message: `Cannot decode ${hostile}.`, hint: 'Look at it.' }],
  colourAt,
}

test('the evaluation begins with what the verdicts would do in the factory', () => {
  const page = renderEvaluationPage(evaluation)
  checkNesting(page)
  const headline = page
    .slice(page.indexOf('class="figures"'), page.indexOf('Metrics</h2>'))
    .replace(/\s+/g, ' ')
  expect(headline).toContain('<dt>Defects found</dt> <dd>1 of 2')
  expect(headline).toContain('<dt>Good parts passed</dt> <dd>1 of 2')
  expect(headline).toContain('97.1 %')
  expect(page).not.toContain('<script>')
})

test('pixel curves are drawn where masks are known, and left out where they are not', () => {
  expect(renderEvaluationPage(evaluation)).not.toContain('<h3>PRO')
  const line = [
    { x: 0, y: 0 },
    { x: 0.3, y: 1 },
  ]
  const curves = { pro: line, precisionRecall: line }
  const products = evaluation.products.map((product) => ({ ...product, curves }))
  const page = renderEvaluationPage({ ...evaluation, products })
  checkNesting(page)
  expect(page).toContain('<h3>PR of images, area 96.0 %</h3>')
  expect(page).toContain('<h3>PR of pixels</h3>')
  expect(page).toContain('<h3>PRO</h3>')
})

test('a metric that the data cannot give is a dash with its reason, not a zero', () => {
  const page = renderEvaluationPage(evaluation)
  expect(page).toContain('class="missing" title="no masks"')
  expect(page.replace(/\s+/g, ' ')).toContain(
    'pixel AUROC, pixel AP, pixel F1-max, AU-PRO 0.3, AU-PRO 0.05: no masks',
  )
})

test('masks, intervals and lighting conditions have tables of their own when they were measured', () => {
  expect(renderEvaluationPage(evaluation)).not.toContain('SegF1</th>')
  const saturated = {
    imageAuroc: 0.5,
    auspro01: null,
    auspro05: 0.678,
    auspro10: null,
    auspro30: null,
    auspro100: null,
  }
  const more: MoreMetrics = {
    segF1: 0.512,
    iou: 0.344,
    classF1: 0.75,
    auroc05: null,
    auroc05Mcclish: null,
    aupimo: null,
    why: { auroc05: 'no masks', aupimo: 'no masks' },
    conditions: { [hostile]: { ...metrics, images: 1200, segF1: 0.25, iou: 0.2, classF1: 0.5 } },
    intervals: {
      confidence: 0.95,
      draws: 1000,
      seed: 0,
      imageAuroc: { low: 0.901, high: 0.985 },
      imageAp: null,
      pixelAuroc: null,
      aupro30: null,
      aupro05: null,
    },
    saturated: {
      ...saturated,
      kinds: { [hostile]: { ...saturated, auspro01: 0.123, images: 3 } },
    },
  }
  const page = renderEvaluationPage({
    ...evaluation,
    evaluation: { mean: { ...metrics, more }, products: { [hostile]: { ...metrics, more } } },
  })
  checkNesting(page)
  expect(page).toContain('<td>51.2</td>')
  expect(page).toContain('class="missing" title="no masks"')
  expect(page).toContain('90.1–98.5')
  expect(page).toContain('<td>12.3</td>')
  expect(page.match(/<td>67\.8<\/td>/g)).toHaveLength(2)
  expect(page.replace(/\s+/g, ' ')).toMatch(/<td>1 200<\/td> ?<td>97\.1<\/td>/)
  expect(page).not.toContain(hostile)
})

test('the protocol says which numbers needed the answers', () => {
  const page = renderEvaluationPage(evaluation)
  expect(page).toContain('no test image was looked at')
  expect(page).toContain('needs the answers')
  const paper = renderEvaluationPage({ ...evaluation, card: { ...card, sees: 'test' } })
  expect(paper).toContain('they do not say what a factory would get')
})

test('the kinds of defect are listed with how many were found', () => {
  const page = renderEvaluationPage(evaluation).replace(/\s+/g, ' ')
  expect(page).toMatch(/<th scope="row">dent<\/th> ?<td>1<\/td> ?<td>1<\/td> ?<td>100\.0/)
  expect(page).toMatch(/<th scope="row">scratch<\/th> ?<td>1<\/td> ?<td>0<\/td> ?<td>0\.0/)
})

test('the true mask is drawn beside the one that was found', () => {
  const page = renderEvaluationPage(evaluation)
  expect(page).toContain('class="truth" d="M3 3L4 3L4 4Z"')
  expect(page).toContain('class="region" d="M1 1L2 1L2 2Z"')
})
