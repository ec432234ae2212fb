/** The data sets of the published experiments; their products are those of the published counts. */
import { itdd, mpdd, mvtecAd, visa } from '../dataset/published/catalogue.ts'
import type { PublishedSet } from '../dataset/published/published.ts'

export const experimentSets = { mvtec: mvtecAd, visa, mpdd, itdd } as const satisfies Readonly<
  Record<string, PublishedSet>
>

export type ExperimentSet = keyof typeof experimentSets
