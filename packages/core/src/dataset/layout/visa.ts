/**
 * VisA as distributed: `<product>/Data/Images/{Normal,Anomaly}`, masks beside, the split in `1cls.csv`.
 *
 * Only the list is read; files that it names and that are not there show when they are opened.
 */
import { join } from 'node:path'
import { AssayError } from '@assay/contract'
import type { Sample } from '../dataset.ts'
import { type List, type ListRow, readList, resolveListed } from '../list/list.ts'
import { compareNatural } from '../natural-order.ts'
import { visa as published } from '../published/catalogue.ts'
import type { Tree } from '../tree.ts'
import { chooseProducts } from './choose-products.ts'
import { nothingIgnored } from './folders.ts'
import { gatherProducts } from './gather.ts'
import type { Layout, Reading, ReadOptions } from './layout.ts'

export const visa: Layout = {
  name: 'visa',
  title: 'VisA as distributed',
  published,
  isConvertible: true,
  detect: async (tree) => {
    const split = await findSplit(tree)
    if (split !== null) return { because: `it has ${split.join('/')}`, isPublished: true }
    const listing = await tree.folder()
    for (const name of listing?.folders ?? []) {
      if (published.products.has(name) && (await tree.folder(name, 'Data', 'Images')) !== null)
        return { because: `it has ${name}/Data/Images`, isPublished: true }
    }
    return null
  },
  read: readVisa,
}

const places = [['split_csv', '1cls.csv'], ['1cls.csv']] as const
const columns = { required: ['object', 'split', 'label', 'image'], optional: ['mask'] }

async function findSplit(tree: Tree): Promise<readonly string[] | null> {
  for (const place of places) if (await tree.hasFile(...place)) return place
  return null
}

async function readVisa(tree: Tree, options: ReadOptions): Promise<Reading> {
  const split = await findSplit(tree)
  if (split === null) {
    const reason =
      'it is laid out as VisA, but split_csv/1cls.csv is missing; github.com/amazon-science/spot-diff has it'
    throw new AssayError('DATA_NOT_UNDERSTOOD', { path: tree.root, reason })
  }
  const list = await readList(join(tree.root, ...split), columns)
  const samples = list.rows
    .map((row) => toSample(row, list, tree.root))
    .sort((a, b) => compareNatural(a.id, b.id))
  const products = gatherProducts(samples, 'visa', (name) => join(tree.root, name))
  return { products: [...chooseProducts(products, options.products)], ignored: nothingIgnored }
}

function toSample(row: ListRow, list: List, root: string): Sample {
  const choose = <T extends string>(column: string, choices: readonly T[]): T => {
    const choice = choices.find((name) => name === row.get(column))
    if (choice === undefined)
      throw list.fault(row.line, column, `"${row.get(column)}" is none of ${choices.join(', ')}`)
    return choice
  }
  const find = (column: string): string => {
    const path = resolveListed(root, row.get(column))
    if (path === null) throw list.fault(row.line, column, `"${row.get(column)}" leads out of the folder`)
    return path
  }
  const split = choose('split', ['train', 'test'])
  const isDefect = choose('label', ['normal', 'anomaly']) === 'anomaly'
  if (isDefect && split === 'train')
    throw list.fault(
      row.line,
      'label',
      '"anomaly" cannot be learned from: this list is not that of one class',
    )
  return {
    id: row.get('image'),
    path: find('image'),
    product: row.get('object'),
    split,
    label: isDefect ? 'defect' : 'good',
    // As the converter of the authors calls it, so that both copies give the same table.
    defect: isDefect ? 'bad' : null,
    maskPath: isDefect && row.get('mask') !== '' ? find('mask') : null,
    condition: null,
  }
}
