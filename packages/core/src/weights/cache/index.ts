/** The published weights on this machine: fetched, added, checked and opened. */
export { cacheFolder, type CacheOptions } from './folder.ts'
export { findWeights, type WeightsRecord } from './record.ts'
export { openPublishedWeights, type OpenedWeights } from './open.ts'
export { addWeights, type AddOptions, type WeightsCheck } from './add.ts'
export { fetchWeights, type FetchEvent, type FetchOptions, type FetchResult } from './fetch.ts'
export { hashFile, type HashProgress } from './hash.ts'
export { listWeights, type ListedWeights } from './list.ts'
export { verifyWeights, type VerifiedWeights, type VerifyEvent, type VerifyOptions } from './verify.ts'
