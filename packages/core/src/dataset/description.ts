/** The description of a dataset: plain JSON, shown by the command, the page and reports alike. */
import type { LayoutName, ProductLayout } from './dataset.ts'
import type { DefectKind } from './defect-kind.ts'

export interface DatasetDescription {
  readonly root: string
  readonly layout: LayoutName
  /** The layout as understood, in words. */
  readonly understood: string
  /** Why it is taken for that. */
  readonly because: string
  /** How it compares with what was published; null for data that nobody published. */
  readonly published: PublishedDescription | null
  readonly products: readonly ProductDescription[]
  readonly oddities: readonly Oddity[]
}

export interface PublishedDescription {
  readonly name: string
  /** `unverified`: sources contradict each other, so a difference is no proof of a wrong copy. */
  readonly standing: 'established' | 'unverified'
  readonly source: string
  /** No difference was found; the differences are among the oddities. */
  readonly isComplete: boolean
  /** What is odd about every copy. */
  readonly notes: readonly string[]
}

export interface ProductDescription {
  readonly name: string
  readonly layout: ProductLayout
  readonly understood: string
  readonly counts: ProductCounts
  /** Null if no image could be read. */
  readonly sizes: SizeSummary | null
  /** Channels and bits per sample, most frequent first. */
  readonly modes: readonly { readonly channels: 1 | 3; readonly depth: 8 | 16; readonly count: number }[]
  /** File formats by content, most frequent first. */
  readonly formats: readonly { readonly format: string; readonly count: number }[]
  /** How pictures were taken, most frequent first; empty where the dataset does not say. */
  readonly conditions: readonly { readonly condition: string; readonly count: number }[]
  /** What values in masks stand for; null if the product does not say. */
  readonly defectKinds: readonly DefectKind[] | null
}

export interface ProductCounts {
  readonly train: { readonly good: number }
  readonly validation: { readonly good: number }
  readonly test: {
    readonly good: number
    readonly defect: number
    readonly unknown: number
    /** Images and masks by defect, in natural order. */
    readonly defects: readonly { readonly name: string; readonly images: number; readonly masks: number }[]
  }
  /** Test images that are good images held out from training. */
  readonly heldOut: number
}

/** Sizes in pixels, after orientation. */
export interface SizeSummary {
  /** The distinct sizes, most frequent first, if they are few; otherwise null. */
  readonly distinct:
    | readonly { readonly width: number; readonly height: number; readonly count: number }[]
    | null
  readonly distinctCount: number
  /** Smallest, median and largest of widths and of heights, each side on its own. */
  readonly smallest: Size
  readonly median: Size
  readonly largest: Size
}

export interface Size {
  readonly width: number
  readonly height: number
}

export type OddityCode =
  | 'PRODUCTS_MISSING'
  | 'PRODUCTS_UNKNOWN'
  | 'COUNTS_DIFFER'
  | 'UNREADABLE'
  | 'NO_TRAINING_IMAGES'
  | 'FEW_TRAINING_IMAGES'
  | 'NO_GOOD_TEST_IMAGES'
  | 'NO_DEFECTS'
  | 'SMALL_IMAGES'
  | 'MIXED_SIZES'
  | 'MIXED_MODES'
  | 'DUPLICATES_IN_TRAINING'
  | 'DUPLICATES_ACROSS_SPLITS'
  | 'DUPLICATES_WITH_TWO_LABELS'
  | 'DEFECTS_WITHOUT_MASK'
  | 'MASKS_WITHOUT_IMAGE'
  | 'MASKS_EMPTY'
  | 'MASKS_OF_ANOTHER_SIZE'
  | 'MASKS_NOT_BINARY'
  | 'MASK_VALUES_UNKNOWN'
  | 'FOLDERS_NOT_USED'
  | 'IMAGES_NOT_USED'
  | 'LINKS_NOT_FOLLOWED'

/** Something a careful person would look at before training. */
export interface Oddity {
  readonly code: OddityCode
  /** Null if it concerns the folder as a whole. */
  readonly product: string | null
  readonly count: number
  /** A few of the files concerned, below the root; equal files are joined by " = ". */
  readonly examples: readonly string[]
  readonly sentence: string
}
