/**
 * Compares a copy of a published dataset with its published counts, and names what is missing from it.
 *
 * Only images that are there count, so that a file that cannot be opened is missed like one that is gone.
 */
import { basename, dirname, extname } from 'node:path'
import { describeCount } from './words.ts'
import type { Dataset, Product, Sample } from '../dataset.ts'
import type { CountName, PublishedCounts, PublishedSet } from './published.ts'

interface CountFinding {
  readonly code: 'PRODUCTS_MISSING' | 'PRODUCTS_UNKNOWN' | 'COUNTS_DIFFER'
  /** Null if it concerns the set as a whole. */
  readonly product: string | null
  /** Products or images that are missing or too many. */
  readonly count: number
  /** Names of products, or paths of files that the numbering of their folder lacks. */
  readonly names: readonly string[]
  readonly sentence: string
}

export interface CompareOptions {
  /** Whether the image at this path can be used. */
  readonly isThere: (path: string) => boolean
  /** False if only some products were asked for, so that the others are not missed. */
  readonly isWhole: boolean
}

/** Every difference between `dataset` and what was published about it; none if nothing was. */
export function comparePublished(dataset: Dataset, options: CompareOptions): CountFinding[] {
  const { published } = dataset
  if (published === null) return []
  const { products } = dataset
  // A single product of the set, such as mvtec_ad_2/can, is complete without the others.
  const isSet = options.isWhole && !(published.products.size > 1 && products[0]?.path === dataset.root)
  const findings = isSet ? compareProducts(products, published) : []
  for (const product of products) {
    const counts = published.products.get(product.name) ?? null
    if (counts !== null) findings.push(...compareCounts(product, counts, published, options.isThere))
  }
  const known = products.filter((product) => published.products.has(product.name))
  if (isSet && known.length === published.products.size && [...published.products.values()].includes(null)) {
    findings.push(...compareTotal(known, published, options.isThere))
  }
  return findings
}

function compareProducts(products: readonly Product[], published: PublishedSet): CountFinding[] {
  const findings: CountFinding[] = []
  const names = new Set(products.map((product) => product.name))
  const missing = [...published.products.keys()].filter((name) => !names.has(name))
  const unknown = [...names].filter((name) => !published.products.has(name))
  if (missing.length > 0) {
    const sentence = `${missing.length} of the ${published.products.size} products of ${published.name} ${missing.length === 1 ? 'is' : 'are'} missing: ${missing.join(', ')}.`
    findings.push({
      code: 'PRODUCTS_MISSING',
      product: null,
      count: missing.length,
      names: missing,
      sentence,
    })
  }
  if (unknown.length > 0) {
    const sentence = `${unknown.join(', ')} ${unknown.length === 1 ? 'is' : 'are'} not part of ${published.name}.`
    findings.push({
      code: 'PRODUCTS_UNKNOWN',
      product: null,
      count: unknown.length,
      names: unknown,
      sentence,
    })
  }
  return findings
}

function compareCounts(
  product: Product,
  counts: PublishedCounts,
  published: PublishedSet,
  isThere: (path: string) => boolean,
): CountFinding[] {
  const findings: CountFinding[] = []
  for (const [name, expected] of Object.entries(counts)) {
    // The keys of a record of counts are the names of counts.
    const count = name as CountName
    const samples = product.samples.filter((sample) => isCounted(sample, count))
    const there = samples.filter((sample) => isThere(sample.path))
    if (there.length === expected) continue
    const difference = Math.abs(expected - there.length)
    findings.push({
      code: 'COUNTS_DIFFER',
      product: product.name,
      count: difference,
      names: there.length < expected ? findGaps(there, expected - there.length) : [],
      sentence: `${product.name}: ${describeCount(there.length, count)}, ${expected} in ${published.name}${doubt(published)}.`,
    })
  }
  return findings
}

function compareTotal(
  products: readonly Product[],
  published: PublishedSet,
  isThere: (path: string) => boolean,
): CountFinding[] {
  const all = products.flatMap((product) => product.samples.filter((sample) => isThere(sample.path)))
  if (all.length === published.images) return []
  const sentence = `There are ${all.length} images in all, ${published.images} in ${published.name}${doubt(published)}; counts of its single products are not published.`
  const count = Math.abs(all.length - published.images)
  return [{ code: 'COUNTS_DIFFER', product: null, count, names: [], sentence }]
}

function doubt({ standing }: PublishedSet): string {
  return standing === 'established' ? '' : ' as far as is known, for this number is unverified'
}

function isCounted(sample: Sample, count: CountName): boolean {
  const { split, label } = sample
  switch (count) {
    case 'train':
    case 'validation':
      return split === count
    case 'test good':
      return split === 'test' && label === 'good'
    case 'test defects':
      return split === 'test' && label === 'defect'
    case 'good':
      return label === 'good'
    case 'defects':
      return label === 'defect'
    case 'test_private':
    case 'test_private_mixed':
      return basename(dirname(sample.path)) === count
    default:
      return count satisfies never
  }
}

/**
 * Files that the numbering of a folder lacks between its first and last, or none if there are more of them
 * than images are missing: then the numbers are no count.
 */
function findGaps(samples: readonly Sample[], missing: number): string[] {
  const folders = Map.groupBy(samples, (sample) => dirname(sample.path))
  const gaps = [...folders].flatMap(([folder, inside]) => findGapsIn(folder, inside))
  return gaps.length > missing ? [] : gaps
}

function findGapsIn(folder: string, samples: readonly Sample[]): string[] {
  const names = samples.map((sample) => basename(sample.path))
  const [first] = names
  const pattern = /^(\d+)(\D.*)?$/
  const [, digits = '', rest = ''] = pattern.exec(first ?? '') ?? []
  if (first === undefined || digits === '') return []
  const numbers = new Set<number>()
  for (const name of names) {
    const [, ownDigits = '', ownRest = ''] = pattern.exec(name) ?? []
    if (ownDigits.length !== digits.length || ownRest !== rest || extname(name) !== extname(first)) return []
    numbers.add(Number(ownDigits))
  }
  const gaps: string[] = []
  for (let i = 0; i < Math.max(...numbers); i++) {
    if (!numbers.has(i)) gaps.push(`${folder}/${String(i).padStart(digits.length, '0')}${rest}`)
  }
  return gaps
}
