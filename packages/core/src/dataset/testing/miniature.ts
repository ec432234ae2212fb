/**
 * Small copies of the published datasets, made up file by file: the names and folders are theirs, the pictures
 * are not. With the published counts a copy is complete.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { encodePng } from '../../image/index.ts'
import type { TestFolder } from '../../testing/folder.ts'
import type { LayoutName } from '../dataset.ts'
import { defectKindFile } from '../defect-kind.ts'
import { findLayout } from '../layout/catalogue.ts'
import { listMtdTestImages } from '../layout/mtd-split.ts'
import type { CountName, PublishedCounts } from '../published/index.ts'

export interface MiniatureOptions {
  /** `few`: a handful of each; `published`: all, as far as counts of products are published. */
  readonly counts?: 'few' | 'published'
  readonly products?: readonly string[]
  /** Empty files instead of pictures, where only names matter: nowhere but in KolektorSDD. */
  readonly namesOnly?: boolean
}

/** Names below the dataset with what is in the file. */
type Miniature = ReadonlyMap<string, MiniatureContent>
type MiniatureContent =
  | { readonly kind: 'image' }
  /** `value` is 0 for a mask that is black all over. */
  | { readonly kind: 'mask'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }

/** Writes a miniature into the folder, below `data`, and returns where. */
export async function writeMiniature(
  folder: TestFolder,
  layout: LayoutName,
  options: MiniatureOptions = {},
): Promise<string> {
  let seed = 0
  const files = listMiniature(layout, options)
  for (const path of new Set([...files.keys()].map((name) => dirname(name))))
    mkdirSync(folder.at('data', path), { recursive: true })
  for (const [path, content] of files) {
    const isEmpty = options.namesOnly === true && content.kind !== 'text'
    // The list of VisA names them all; nobody looks whether they are there.
    if (isEmpty && layout === 'visa') continue
    // Tens of thousands of files, one after the other: waiting for each costs more than writing it.
    writeFileSync(folder.at('data', path), isEmpty ? '' : await toBytes(content, seed++))
  }
  return folder.at('data')
}

/** The files of a miniature. */
function listMiniature(layout: LayoutName, options: MiniatureOptions = {}): Miniature {
  const { counts = 'few', products: wanted } = options
  const { published } = findLayout(layout)
  if (published === null) throw new Error(`internal: nothing is published of ${layout}`)
  const files = new Map<string, MiniatureContent>()
  const visaRows = ['object,split,label,image,mask']
  const add: Add = (path, content = { kind: 'image' }) => files.set(path, content)
  // Without counts of the products, the first makes up the sum.
  const rest = published.images - published.products.size * sumOf(few)
  for (const [i, [product, known]] of [...published.products].entries()) {
    if (wanted?.includes(product) === false) continue
    const share = i === 0 ? { ...few, train: 3 + rest } : few
    const own = counts === 'few' ? few : (known ?? share)
    if (layout === 'visa') visaRows.push(...addVisa(product, own, add))
    else addProduct(layout, product, own, add)
  }
  if (layout === 'visa') add('split_csv/1cls.csv', { kind: 'text', text: `${visaRows.join('\n')}\n` })
  return files
}

/** Images of a product in the MVTec AD layout. */
function sumOf({ train = 0, 'test good': good = 0, 'test defects': defects = 0 }: PublishedCounts): number {
  return train + good + defects
}

type Add = (path: string, content?: MiniatureContent) => void

const few: PublishedCounts = {
  train: 3,
  validation: 2,
  'test good': 3,
  'test defects': 2,
  good: 3,
  defects: 2,
  test_private: 2,
  test_private_mixed: 2,
}

function addProduct(layout: LayoutName, product: string, counts: PublishedCounts, add: Add): void {
  const times = (name: CountName, act: (i: number) => void): void => {
    for (let i = 0; i < (counts[name] ?? 0); i++) act(i)
  }
  switch (layout) {
    case 'mvtec-ad-2':
      addMvtecAd2(product, times, add)
      break
    case 'mvtec-loco':
      addMvtecLoco(product, times, add)
      break
    case 'btad':
      times('train', (i) => add(`${product}/train/ok/${pad(i, 4)}.bmp`))
      times('test good', (i) => add(`${product}/test/ok/${pad(i, 4)}.bmp`))
      times('test defects', (i) => {
        add(`${product}/test/ko/${pad(i, 4)}.bmp`)
        add(`${product}/ground_truth/ko/${pad(i, 4)}.png`, white)
      })
      break
    case 'mtd':
      times('train', (i) => addTile('MT_Free', `exp7_num_${i}`, black, add))
      times('test good', (i) => addTile('MT_Free', listMtdTestImages()[i] ?? '', black, add))
      times('test defects', (i) =>
        addTile(i % 2 === 0 ? 'MT_Crack' : 'MT_Uneven', `exp1_num_${i}`, white, add),
      )
      break
    case 'kolektorsdd':
      times('good', (i) => addCommutator(i, black, add))
      times('defects', (i) => addCommutator((counts.good ?? 0) + i, white, add))
      break
    case 'mvtec-ad':
    case 'visa-mvtec':
    case 'mpdd':
    case 'itdd':
    case 'wfdd':
      addMvtec(layout, product, times, add)
      break
    case 'visa':
    case 'manifest':
    case 'good-and-defects':
    case 'products':
    case 'plain':
      throw new Error(`internal: there is no miniature of a product of ${layout}`)
    default:
      layout satisfies never
  }
}

/** Adds the files of a product and returns its rows of the list. */
function addVisa(product: string, counts: PublishedCounts, add: Add): string[] {
  const { train = 0, 'test good': good = 0, 'test defects': defects = 0 } = counts
  const data = `${product}/Data`
  const rows: string[] = []
  for (let i = 0; i < train + good; i++) {
    const image = `${data}/Images/Normal/${pad(i, 4)}.JPG`
    add(image)
    rows.push(`${product},${i < train ? 'train' : 'test'},normal,${image},`)
  }
  for (let i = 0; i < defects; i++) {
    const image = `${data}/Images/Anomaly/${pad(i, 3)}.JPG`
    const mask = `${data}/Masks/Anomaly/${pad(i, 3)}.png`
    add(image)
    add(mask, { kind: 'mask', value: 1 + (i % 4) })
    rows.push(`${product},test,anomaly,${image},${mask}`)
  }
  return rows
}

type Times = (name: CountName, act: (i: number) => void) => void

function addMvtec(layout: LayoutName, product: string, times: Times, add: Add): void {
  const [defect, ending, suffix] = layout === 'visa-mvtec' ? ['bad', 'JPG', ''] : ['scratch', 'png', '_mask']
  times('train', (i) => add(`${product}/train/good/${pad(i, 3)}.${ending}`))
  times('test good', (i) => add(`${product}/test/good/${pad(i, 3)}.${ending}`))
  times('test defects', (i) => {
    add(`${product}/test/${defect}/${pad(i, 3)}.${ending}`)
    add(`${product}/ground_truth/${defect}/${pad(i, 3)}${suffix}.png`, white)
  })
}

function addMvtecAd2(product: string, times: Times, add: Add): void {
  const conditions = ['regular', 'overexposed', 'underexposed', 'shift_1']
  const name = (i: number): string => `${pad(i >> 2, 3)}_${conditions[i % 4]}`
  times('train', (i) => add(`${product}/train/good/${pad(i, 3)}_regular.png`))
  times('validation', (i) => add(`${product}/validation/good/${pad(i, 3)}_regular.png`))
  times('test good', (i) => add(`${product}/test_public/good/${name(i)}.png`))
  times('test defects', (i) => {
    add(`${product}/test_public/bad/${name(i)}.png`)
    add(`${product}/test_public/ground_truth/bad/${name(i)}_mask.png`, white)
  })
  times('test_private', (i) => add(`${product}/test_private/${pad(i, 3)}_regular.png`))
  times('test_private_mixed', (i) => add(`${product}/test_private_mixed/${pad(i, 3)}_mixed.png`))
}

function addMvtecLoco(product: string, times: Times, add: Add): void {
  const kinds = ['logical_anomalies', 'structural_anomalies']
  times('train', (i) => add(`${product}/train/good/${pad(i, 3)}.png`))
  times('validation', (i) => add(`${product}/validation/good/${pad(i, 3)}.png`))
  times('test good', (i) => add(`${product}/test/good/${pad(i, 3)}.png`))
  times('test defects', (i) => {
    const name = `${kinds[i % 2]}/${pad(i >> 1, 3)}`
    add(`${product}/test/${name}.png`)
    add(`${product}/ground_truth/${name}/000.png`, white)
    if (i % 2 === 1) add(`${product}/ground_truth/${name}/001.png`, { kind: 'mask', value: 254 })
  })
  add(`${product}/${defectKindFile}`, { kind: 'text', text: JSON.stringify(locoKinds) })
}

/** Two kinds, as `defects_config.json` writes them. */
const locoKinds = [
  { defect_name: 'one_too_many', pixel_value: 255, saturation_threshold: 20, relative_saturation: false },
  { defect_name: 'broken', pixel_value: 254, saturation_threshold: 0.5, relative_saturation: true },
]

function addTile(kind: string, name: string, mask: MiniatureContent, add: Add): void {
  add(`${kind}/Imgs/${name}.jpg`)
  add(`${kind}/Imgs/${name}.png`, mask)
}

/** Eight images of each item, as far as they go. */
function addCommutator(i: number, label: MiniatureContent, add: Add): void {
  const name = `kos${pad(1 + (i >> 3), 2)}/Part${i % 8}`
  add(`${name}.jpg`)
  add(`${name}_label.bmp`, label)
}

const white: MiniatureContent = { kind: 'mask', value: 255 }
const black: MiniatureContent = { kind: 'mask', value: 0 }

function pad(i: number, digits: number): string {
  return String(i).padStart(digits, '0')
}

async function toBytes(content: MiniatureContent, seed: number): Promise<Uint8Array | string> {
  if (content.kind === 'text') return content.text
  const [width, height] = [70, 66]
  const pixels = new Uint8Array(width * height)
  if (content.kind === 'image') new DataView(pixels.buffer).setUint32(0, seed + 1)
  // Each somewhere else, so that masks that change places are noticed.
  else pixels.fill(content.value, 20 * width + (seed % 3000), 22 * width + (seed % 3000))
  return encodePng(pixels, width, height, 1, { compression: 1 })
}
