/** The library within reach of a test: a worker with `assay` in it, and a way to train that gives the end only. */
import * as core from '@assay/core/browser'

async function train(options: core.TrainPicturesOptions): Promise<core.TrainedPictures> {
  const training = core.trainPictures(options)
  for (;;) {
    const next = await training.next()
    if (next.done === true) return next.value
  }
}

export interface PageLibrary {
  readonly assay: typeof core
  readonly train: typeof train
}

Object.assign(globalThis, { assay: core, train } satisfies PageLibrary)
