/**
 * Outlines drawn anew by Segment Anything, where its weights are on this machine; without them a model works and
 * says what it left out.
 */
import { openSegmenter } from '#segmenter'
import { AssayError, type Recipe } from '@assay/contract'
import { toRgb8, type Image } from '../image/index.ts'
import { combineSegments, largestBoxes } from '../refine/mask/index.ts'
import type { Device } from '../runtime/index.ts'

export interface Outliner extends AsyncDisposable {
  /** The refined mask `[height, width]`, 255 or 0; an empty mask stays as it is. */
  refine(mask: Uint8Array, image: Image): Promise<Uint8Array>
}

/** What is opened, or why it was left out: WEIGHTS_MISSING is no failure of an inspection. */
export async function openOutliner(
  mask: Recipe['mask'],
  device: Device,
): Promise<Outliner | AssayError | null> {
  const { segmenter: id, boxes, segments, combine } = mask
  if (id === 'none') return null
  try {
    const segmenter = await openSegmenter(id, device)
    return {
      refine: async (coarse, image) => {
        const { width, height } = image
        const prompts = largestBoxes(coarse, width, height, boxes).map((box) => ({ box }))
        if (prompts.length === 0) return coarse
        const encoded = await segmenter.encode(toRgb8(image))
        const answers: Uint8Array[][] = prompts.map(() => [])
        for await (const found of encoded.segment(prompts, { multimask: segments === 'union' }))
          answers[found.prompt]?.push(found.mask)
        return combineSegments(coarse, width, height, answers, { rule: combine })
      },
      [Symbol.asyncDispose]: () => segmenter[Symbol.asyncDispose](),
    }
  } catch (error) {
    if (error instanceof AssayError && error.code === 'WEIGHTS_MISSING') return error
    throw error
  }
}
