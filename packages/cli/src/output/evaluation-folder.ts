/**
 * Gathers what an evaluation says about each image, and writes it as a page and as tables.
 *
 * Pictures are kept only of the worst errors of each product, a few at a time, so memory does not grow
 * with the test set.
 */
import { join } from 'node:path'
import type { Card, Evaluation } from '@assay/contract'
import type {
  EvaluatedImage,
  EvaluationPage,
  InspectedImage,
  PixelCurveAccumulator,
  WorstImage,
} from '@assay/core'
import type { Core } from '../core.ts'
import { toCsv } from './csv.ts'
import { heatColours, makeSmallPictures, type SmallPictures } from './picture.ts'
import { writeWhole } from './write.ts'

interface JudgedImage {
  readonly inspected: InspectedImage
  readonly name: string
  /** The product by its folder; the one that was recognised is in the record. */
  readonly product: string
  readonly label: 'good' | 'defect'
  readonly defect: string | null
  readonly truth: Uint8Array | null
}

export interface Gathering {
  /** Takes note of one image; makes small pictures if it is among the worst so far. */
  add(judged: JudgedImage): Promise<void>
  /** Writes the page and returns its path. */
  write(folder: string, report: EvaluationReport): Promise<string>
}

interface EvaluationReport extends Pick<
  EvaluationPage,
  'title' | 'model' | 'routing' | 'failures' | 'links'
> {
  readonly card: Card
  readonly evaluation: Evaluation
  /** Name of the page; `index.html` by default. */
  readonly page?: string
}

/** Pictures per product and kind of error. */
const worstPerKind = 6

export function createGathering(core: Core): Gathering {
  const products = new Map<string, ProductGathering>()
  const counter = core.createHistogramCounter()
  return {
    add: async (judged) => {
      const { inspected, product, label } = judged
      let own = products.get(product)
      if (own === undefined)
        products.set(
          product,
          (own = {
            images: [],
            strangestGood: [],
            faintestDefects: [],
            curves: core.createPixelCurves(counter),
          }),
        )
      const image = toNoted(judged)
      if (image === null) return
      own.images.push(image)
      const isGood = label === 'good'
      const { map, width, height } = inspected
      if (isGood) own.curves.add(map, null, width, height)
      else if (judged.truth !== null) own.curves.add(map, judged.truth, width, height)
      const worst = isGood ? own.strangestGood : own.faintestDefects
      const isWorse = (a: EvaluatedImage, b: EvaluatedImage): boolean =>
        isGood ? a.score > b.score : a.score < b.score
      const place = worst.findIndex((other) => isWorse(image, other))
      if (place === -1 && worst.length >= worstPerKind) return
      // A good image has no true mask worth drawing.
      const small = await makeSmallPictures(core, inspected, isGood ? null : judged.truth)
      worst.splice(place === -1 ? worst.length : place, 0, { ...image, small })
      worst.length = Math.min(worst.length, worstPerKind)
    },
    write: async (folder, report) => {
      const pages = []
      for (const [name, own] of products) {
        pages.push({
          name,
          threshold: report.card.products.find((p) => p.name === name)?.image.threshold ?? NaN,
          images: own.images,
          strangestGood: await writeWorst(folder, own.strangestGood, `good-${pages.length + 1}`),
          faintestDefects: await writeWorst(folder, own.faintestDefects, `defect-${pages.length + 1}`),
          curves: own.curves.curves(),
        })
      }
      await writeWhole(join(folder, 'evaluation.json'), `${JSON.stringify(report.evaluation, null, 2)}\n`)
      await writeWhole(
        join(folder, 'scores.csv'),
        toCsv(
          scoreColumns,
          pages.flatMap((p) => p.images.map((i) => scoreRow(p, i))),
        ),
      )
      const page = join(folder, report.page ?? 'index.html')
      await writeWhole(
        page,
        core.renderEvaluationPage({ ...report, products: pages, colourAt: heatColours(core) }),
      )
      return page
    },
  }
}

interface ProductGathering {
  readonly images: NotedImage[]
  readonly strangestGood: KeptImage[]
  readonly faintestDefects: KeptImage[]
  readonly curves: PixelCurveAccumulator
}

interface NotedImage extends EvaluatedImage {
  readonly calibrated: number
  readonly recognised: string
}

interface KeptImage extends EvaluatedImage {
  readonly small: SmallPictures
}

function toNoted({ inspected, name, label, defect }: JudgedImage): NotedImage | null {
  const { score, calibrated, verdict } = inspected.record
  if (score === null || calibrated === null || verdict === null) return null
  return { name, label, defect, score, calibrated, verdict, recognised: inspected.record.product ?? '' }
}

async function writeWorst(
  folder: string,
  images: readonly KeptImage[],
  prefix: string,
): Promise<WorstImage[]> {
  const written: WorstImage[] = []
  for (const [i, { small, ...image }] of images.entries()) {
    const part = `page/${prefix}-${i + 1}-part.jpg`
    const heat = `page/${prefix}-${i + 1}-heat.jpg`
    await writeWhole(join(folder, part), small.part)
    await writeWhole(join(folder, heat), small.heat)
    written.push({ ...image, pictures: { part, heat, large: null, original: null, ...small.drawing } })
  }
  return written
}

const scoreColumns = [
  'image',
  'product',
  'recognised',
  'label',
  'defect',
  'score',
  'calibrated',
  'threshold',
  'verdict',
] as const

function scoreRow(
  product: { readonly name: string; readonly threshold: number },
  image: NotedImage,
): (string | number)[] {
  const { name, recognised, label, defect, score, calibrated, verdict } = image
  return [name, product.name, recognised, label, defect ?? '', score, calibrated, product.threshold, verdict]
}
