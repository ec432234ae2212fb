/** What a published experiment is: data to train on, settings, and the figures that it was published with. */
import type { PartialRecipe } from '@assay/contract'
import type { BenchMetric } from './row.ts'

/** `single`: a model for each product, figures averaged; `multi`: one model for all of them. */
export type Setting = 'single' | 'multi'

/** One line of a published table, in percent as printed there. */
export interface PublishedLine {
  /** The split, where a table has several; null for the test images. */
  readonly split: string | null
  /** Null for the mean over the products. */
  readonly product: string | null
  readonly figures: Readonly<Partial<Record<BenchMetric, number>>>
}

interface PresetBase {
  /** As it is called on the command line. */
  readonly name: string
  /** In one line: method, setting, data. */
  readonly title: string
  readonly paper: string
  readonly setting: Setting
  /** The name of the data, for people. */
  readonly dataset: string
  readonly products: readonly string[]
  /** What the table shows, in its order. */
  readonly metrics: readonly BenchMetric[]
  readonly published: readonly PublishedLine[]
  /** Where the figures are printed. */
  readonly source: string
  /** Where ours differs from what was published, whatever the run. */
  readonly differences: readonly string[]
}

/** Trained and evaluated as any model of ours, in paper mode. */
export interface ModelPreset extends PresetBase {
  readonly kind: 'model'
  readonly recipe: PartialRecipe
}

/** Taken through the published steps, folder by folder. */
export interface StepsPreset extends PresetBase {
  readonly kind: 'steps'
  /** The split that can be measured here, and those that only the benchmark server knows the truth of. */
  readonly measuredSplit: 'test_public'
  readonly hiddenSplits: readonly ['test_private', 'test_private_mixed']
  readonly encoder: string
  /** The weights of the encoder. */
  readonly backbone: string
  readonly epochs: number
}

export type Preset = ModelPreset | StepsPreset

/** A line of means. */
export function publishedMean(figures: PublishedLine['figures']): PublishedLine {
  return { split: null, product: null, figures }
}
