/** Segment Anything in a browser, the other side of `segmenter.ts`: its weights are not there. */
import { missingWeights } from '../../weights/index.ts'
import type { Device } from '../../runtime/index.ts'
import type { Segmenter } from './segmenter.ts'

/** Always WEIGHTS_MISSING, which an inspection survives: its outlines stay those of the map. */
export function openSegmenter(id: string, _device: Device): Promise<Segmenter> {
  return Promise.reject(missingWeights(id))
}
