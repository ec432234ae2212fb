/** What a folder of pictures means: products, their samples, and what was passed over. */

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
  readonly maskPath: string | null
}

/**
 * `mvtec-ad`: `train/good`, `test/good`, `test/<defect>` and the like (MVTec AD and MVTec AD 2).
 * `good-and-defects`: `good/` with one folder per defect beside it.
 * `plain`: good images in the folder itself.
 */
export type ProductLayout = 'mvtec-ad' | 'good-and-defects' | 'plain'

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
  readonly ignored: Ignored
}

export interface Dataset {
  readonly root: string
  /** `products` is a folder of product folders, each of its own layout. */
  readonly layout: ProductLayout | 'products'
  /** In natural order of their names. */
  readonly products: readonly Product[]
  /** Beside the products. */
  readonly ignored: Ignored
}
