/**
 * A list of images of any origin: `manifest.csv` or `manifest.jsonl`, or such a file under another name.
 *
 * Columns: `image` and `split` (train, validation, test), and if wanted `label` (good, unknown, or the name of the
 * defect), `product`, `mask` and `condition`. Nothing is guessed from names of folders.
 */
import { basename, dirname, relative, resolve } from 'node:path'
import { AssayError } from '@assay/contract'
import type { Label, Sample, Split } from '../dataset.ts'
import { isListName, type List, type ListRow, readList, resolveListed } from '../list/list.ts'
import { isWithin, type Tree } from '../tree.ts'
import { chooseProducts } from './choose-products.ts'
import { nothingIgnored } from './folders.ts'
import { gatherProducts } from './gather.ts'
import type { Layout, Reading, ReadOptions } from './layout.ts'

export const manifest: Layout = {
  name: 'manifest',
  title: 'a list of images',
  published: null,
  isConvertible: true,
  detect: async (tree) => {
    const path = await findManifest(tree)
    return path === null ? null : { because: `${basename(path)} lists its images`, isPublished: false }
  },
  read: readManifest,
}

const names = ['manifest.csv', 'manifest.jsonl']
const splits: readonly Split[] = ['train', 'validation', 'test']
const columns = { required: ['image', 'split'], optional: ['label', 'product', 'mask', 'condition'] }

/** The list itself, or the one of the agreed name in the folder. */
async function findManifest(tree: Tree): Promise<string | null> {
  if (tree.isFile) return isListName(tree.root) ? tree.root : null
  for (const name of names) if (await tree.hasFile(name)) return resolve(tree.root, name)
  return null
}

async function readManifest(tree: Tree, options: ReadOptions): Promise<Reading> {
  const path = await findManifest(tree)
  if (path === null) {
    const reason = `it is no list (.csv or .jsonl) and holds neither ${names.join(' nor ')}`
    throw new AssayError('DATA_NOT_UNDERSTOOD', { path: tree.root, reason })
  }
  const folder = dirname(path)
  const list = await readList(path, columns)
  const lines = new Map<string, number>()
  const samples = list.rows.map((row) => {
    const sample = toSample(row, list, folder)
    const before = lines.get(sample.path)
    if (before !== undefined) throw list.fault(row.line, 'image', `it is on line ${before} already`)
    lines.set(sample.path, row.line)
    return sample
  })
  const products = gatherProducts(samples, 'manifest', () => folder)
  return { products: [...chooseProducts(products, options.products)], ignored: nothingIgnored }
}

function toSample(row: ListRow, list: List, folder: string): Sample {
  const find = (column: string): string | null => {
    const given = row.get(column)
    if (given === '') return null
    const path = resolveListed(folder, given)
    if (path === null) throw list.fault(row.line, column, `"${given}" leads out of the folder of the list`)
    return path
  }
  const path = find('image') ?? folder
  const split = splits.find((name) => name === row.get('split'))
  if (split === undefined) {
    throw list.fault(row.line, 'split', `"${row.get('split')}" is none of ${splits.join(', ')}`)
  }
  const { label, defect } = readLabel(row, split, list)
  const maskPath = find('mask')
  if (maskPath !== null && label !== 'defect')
    throw list.fault(row.line, 'mask', 'only an image with a defect has a mask')
  return {
    id: isWithin(path, resolve(folder))
      ? relative(resolve(folder), path).replaceAll('\\', '/')
      : path.replaceAll('\\', '/'),
    path,
    product: row.get('product') || basename(resolve(folder)) || 'product',
    split,
    label,
    defect,
    maskPath,
    condition: row.get('condition') || null,
  }
}

/** An empty label is good in training and validation, and unknown in test. */
function readLabel(
  row: ListRow,
  split: Split,
  list: List,
): { readonly label: Label; readonly defect: string | null } {
  const given = row.get('label')
  if (split !== 'test' && given !== '' && given !== 'good') {
    throw list.fault(row.line, 'label', `"${given}" cannot be learned from: a ${split} image is good`)
  }
  if (given === 'good' || split !== 'test') return { label: 'good', defect: null }
  if (given === '' || given === 'unknown') return { label: 'unknown', defect: null }
  return { label: 'defect', defect: given }
}
