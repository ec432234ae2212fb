/**
 * Where each file of a dataset goes in the MVTec AD layout: `train/good`, `test/<defect>`,
 * `ground_truth/<defect>/<name>_mask` and the like below each product. Nothing is written here.
 */
import { basename, extname, join } from 'node:path'
import { AssayError } from '@assay/contract'
import type { Dataset, Product, Sample } from '../dataset.ts'
import { stemOf } from '../listing.ts'
import { listMaskFiles } from '../mask.ts'
import { isDefectFolder } from '../product.ts'

export interface PlannedFile {
  /** As it can be opened. */
  readonly from: string
  /** Below the new dataset. */
  readonly to: string
}

export interface PlannedProduct {
  readonly name: string
  readonly images: readonly PlannedFile[]
  readonly masks: readonly PlannedFile[]
}

/** Plans the files of every product. Refuses names that cannot be those of folders. */
export async function planConversion(dataset: Dataset): Promise<PlannedProduct[]> {
  const planned: PlannedProduct[] = []
  for (const product of dataset.products) planned.push(await planProduct(product))
  return planned
}

async function planProduct(product: Product): Promise<PlannedProduct> {
  requireFolderName(product.name)
  const images: PlannedFile[] = []
  const masks: PlannedFile[] = []
  for (const [folder, samples] of Map.groupBy(product.samples, folderOf)) {
    const names = chooseNames(samples)
    for (const [i, { path, maskPath, defect }] of samples.entries()) {
      const name = names[i]!
      images.push({ from: path, to: join(product.name, folder, name) })
      if (maskPath === null || defect === null) continue
      masks.push(...(await planMask(maskPath, join(product.name, 'ground_truth', defect), stemOf(name))))
    }
  }
  return { name: product.name, images, masks }
}

async function planMask(maskPath: string, folder: string, stem: string): Promise<PlannedFile[]> {
  const files = await listMaskFiles(maskPath)
  return files.map((from) => ({
    from,
    to: from === maskPath ? join(folder, `${stem}_mask${extname(from)}`) : join(folder, stem, basename(from)),
  }))
}

/** Images without a label lie in `test` itself. */
function folderOf({ split, label, defect }: Sample): string {
  if (label === 'unknown') return split
  if (defect === null) return join(split, 'good')
  requireFolderName(defect)
  if (!isDefectFolder(defect))
    throw refuse(defect, 'means something else than a defect in the MVTec AD layout')
  return join(split, defect)
}

/**
 * File names for the samples of one folder: their own where no two are alike but for the ending, otherwise with
 * as many of the folders above before them as it takes: `kos01_Part0.jpg`.
 */
function chooseNames(samples: readonly Sample[]): string[] {
  const parts = samples.map((sample) => sample.id.split('/').filter((part) => part !== ''))
  const longest = parts.reduce((most, { length }) => Math.max(most, length), 1)
  for (let taken = 1; taken <= longest; taken++) {
    const names = parts.map((part) => part.slice(-taken).join('_').replaceAll(':', ''))
    if (new Set(names.map(stemOf)).size === names.length) return names
  }
  return parts.map((part, i) => `${i}_${part.at(-1)}`)
}

function requireFolderName(name: string): void {
  if (name === '' || name.startsWith('.') || /[/\\\0]/.test(name))
    throw refuse(name, 'cannot be the name of a folder')
}

function refuse(name: string, reason: string): AssayError {
  return new AssayError('OUTPUT_NOT_WRITABLE', { path: name, reason: `"${name}" ${reason}` })
}
