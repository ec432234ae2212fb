/** What was published about a dataset, to compare a copy of it with. */

/**
 * Counts of images. `good` and `defects` count all splits together, for sets without a published split;
 * `test_private` and `test_private_mixed` are the two unlabelled folders of MVTec AD 2.
 */
export type CountName =
  | 'train'
  | 'validation'
  | 'test good'
  | 'test defects'
  | 'good'
  | 'defects'
  | 'test_private'
  | 'test_private_mixed'

export type PublishedCounts = Readonly<Partial<Record<CountName, number>>>

export interface PublishedSet {
  /** As its authors call it. */
  readonly name: string
  /** `unverified` where sources contradict each other: a difference is no proof of a wrong copy. */
  readonly standing: 'established' | 'unverified'
  /** Where the counts come from. */
  readonly source: string
  /** Images in all splits of all products. */
  readonly images: number
  /** By product; null where only the sum of all products is published. */
  readonly products: ReadonlyMap<string, PublishedCounts | null>
  /** What is odd about every copy, so that nobody looks for the fault in theirs. */
  readonly notes: readonly string[]
}
