/** Published weights in a browser, the other side of `open.ts`: there is no cache of them. */
import { missingWeights } from '../catalogue.ts'
import type { OpenedWeights } from './open.ts'

/** Always WEIGHTS_MISSING. */
export function openPublishedWeights(id: string): Promise<OpenedWeights> {
  return Promise.reject(missingWeights(id))
}
