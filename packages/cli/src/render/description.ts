/** A description of a dataset in words. */
import type { DatasetDescription, ProductDescription } from '@assay/core'
import { countOf, printable, type createPaint } from './text.ts'

/** The lines that `assay data describe` prints. */
export function describeInWords(
  description: DatasetDescription,
  paint: ReturnType<typeof createPaint>,
): string[] {
  const { root, understood, because, published, products, oddities } = description
  const lines = [
    `${paint('bold', printable(root))}: ${printable(understood)}`,
    paint('dim', `Taken for that because ${printable(because)}.`),
  ]
  if (published !== null) lines.push(...publishedLines(published))
  for (const product of products) lines.push('', ...productLines(product, products.length > 1, paint))
  if (oddities.length === 0) return [...lines, '', 'Nothing odd was found.']
  lines.push('', paint('yellow', 'Worth a look:'))
  for (const { sentence, examples, count } of oddities) {
    lines.push(`  - ${printable(sentence)}`)
    for (const example of examples) lines.push(paint('dim', `      ${printable(example)}`))
    if (examples.length > 0 && count > examples.length)
      lines.push(paint('dim', `      and ${count - examples.length} more`))
  }
  return lines
}

function publishedLines({
  name,
  standing,
  source,
  isComplete,
  notes,
}: NonNullable<DatasetDescription['published']>): string[] {
  const doubt = standing === 'established' ? '' : ', which are unverified'
  return [
    `Its counts are ${isComplete ? '' : 'not '}those of ${name}, by ${source}${doubt}${isComplete ? '.' : '; see below.'}`,
    ...notes.map((note) => `  - ${note}`),
  ]
}

function productLines(
  product: ProductDescription,
  showLayout: boolean,
  paint: ReturnType<typeof createPaint>,
): string[] {
  const { train, validation, test, heldOut } = product.counts
  const rows: [string, string][] = showLayout ? [['layout', product.understood]] : []
  const toLearn = [`${train.good} good`]
  if (validation.good > 0) toLearn.push(`${validation.good} good for validation`)
  rows.push(['learn from', toLearn.join(', ')])
  const kinds = test.defects.map(
    (d) => `${d.name} ${d.images}${d.masks === d.images ? '' : ` (${countOf(d.masks, 'mask')})`}`,
  )
  const testWords = [
    `${test.good} good${heldOut > 0 ? ` (${heldOut} held out from training)` : ''}`,
    countOf(test.defect, 'defect'),
  ]
  if (test.unknown > 0) testWords.push(`${test.unknown} without a label`)
  rows.push(['test', testWords.join(', ')])
  if (kinds.length > 0) rows.push(['defects', kinds.join(', ')])
  rows.push([
    'conditions',
    product.conditions.map(({ condition, count }) => `${condition} ${count}`).join(', '),
  ])
  if (product.defectKinds !== null)
    rows.push(['mask values', `${countOf(product.defectKinds.length, 'kind')} of defects, for sPRO`])
  rows.push(['sizes', sizeWords(product.sizes)])
  rows.push([
    'pictures',
    product.modes.map((m) => `${m.count} ${m.channels === 1 ? 'grey' : 'colour'}, ${m.depth} bit`).join('; '),
  ])
  rows.push(['files', product.formats.map((f) => `${f.count} ${f.format.toUpperCase()}`).join(', ')])
  return [
    paint('bold', printable(product.name)),
    ...rows
      .filter(([, words]) => words !== '')
      .map(([name, words]) => `  ${name.padEnd(11)} ${printable(words)}`),
  ]
}

function sizeWords(sizes: ProductDescription['sizes']): string {
  if (sizes === null) return ''
  const { distinct, distinctCount, smallest, largest, median } = sizes
  if (distinct !== null && distinct.length <= 3) {
    return distinct
      .map((s) =>
        distinct.length === 1 ? `${s.width} x ${s.height}` : `${s.width} x ${s.height} (${s.count})`,
      )
      .join(', ')
  }
  return `${distinctCount} different, ${smallest.width} x ${smallest.height} to ${largest.width} x ${largest.height}, mostly about ${median.width} x ${median.height}`
}
