/** Published counts of known datasets, and how a copy compares with them. */
export { comparePublished } from './compare.ts'
export type { CountName, PublishedCounts, PublishedSet } from './published.ts'
