/** What a folder of pictures means: products, their samples, and what was passed over. */
import type { DefectKind } from './defect-kind.ts'
import type { PublishedSet } from './published/published.ts'

export type Split = 'train' | 'validation' | 'test'

/** `unknown` is a test image without truth, such as those in a flat test folder. */
export type Label = 'good' | 'defect' | 'unknown'

export interface Sample {
  /** Path below the dataset's root with forward slashes: unique, and the same on every machine. */
  readonly id: string
  readonly path: string
  readonly product: string
  readonly split: Split
  readonly label: Label
  /** Name of the defect's folder; null unless the label is `defect`. */
  readonly defect: string | null
  /** A picture, or a folder of pictures with one defect each as in MVTec LOCO AD; `readMask` opens both. */
  readonly maskPath: string | null
  /** How the picture was taken, such as `overexposed`; null where the dataset does not say. */
  readonly condition: string | null
}

/**
 * `mvtec-ad`: `train/good`, `test/good`, `test/<defect>` and the like (MVTec AD and MVTec AD 2).
 * `good-and-defects`: `good/` with one folder per defect beside it.
 * `plain`: good images in the folder itself.
 * The others are those of a dataset as distributed, and `manifest` is a list of images.
 */
export type ProductLayout =
  | 'mvtec-ad'
  | 'good-and-defects'
  | 'plain'
  | 'visa'
  | 'mtd'
  | 'kolektorsdd'
  | 'manifest'

/** `products` is a folder of product folders, each of its own layout; the rest are single sets or products. */
export type LayoutName =
  | ProductLayout
  | 'products'
  | 'mvtec-ad-2'
  | 'mvtec-loco'
  | 'visa-mvtec'
  | 'btad'
  | 'mpdd'
  | 'itdd'
  | 'wfdd'

/** What a reading passed over. Nothing here was used, so that a wrong guess can be noticed. */
export interface Ignored {
  /** Files and folders whose name starts with a dot. */
  readonly hidden: number
  /** Files that are no PNG, JPEG, TIFF, BMP or WebP by name. */
  readonly notImages: number
  /** Images in places that have no meaning in this layout. */
  readonly strayImages: readonly string[]
  /** Folders that have no meaning in this layout. */
  readonly folders: readonly string[]
  /** Symbolic links that lead nowhere, or back to a folder above. */
  readonly links: readonly string[]
}

export interface Product {
  readonly name: string
  readonly path: string
  readonly layout: ProductLayout
  /** Training, validation, test; inside each good, unknown, then defects by name; natural order. */
  readonly samples: readonly Sample[]
  /** Good images beside defect folders that were held out from training as test images. */
  readonly heldOut: number
  /** Mask files that belong to no image. */
  readonly masksWithoutImage: readonly string[]
  /** What the values in its masks stand for and where their overlap saturates, for sPRO; null if it does not say. */
  readonly defectKinds: readonly DefectKind[] | null
  readonly ignored: Ignored
}

export interface Dataset {
  readonly root: string
  readonly layout: LayoutName
  /** Why it is taken for that, in words. */
  readonly because: string
  /** What was published about the set it is taken for; null for data that nobody published. */
  readonly published: PublishedSet | null
  /** In natural order of their names. */
  readonly products: readonly Product[]
  /** Beside the products. */
  readonly ignored: Ignored
}
