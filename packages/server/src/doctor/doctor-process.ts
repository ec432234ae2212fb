/** Measures pictures and compares them. Started by `doctor.ts` only. */
import { openEmbedder, openPicture, type Embedder } from '@assay/core'
import { answer } from '../child/answer.ts'
import { comparePictures } from './compare.ts'
import { measurePicture } from './measure.ts'
import type { DoctorReply, DoctorRequest } from './message.ts'

let embedder: Promise<Embedder> | null = null

answer<DoctorReply>(async (request: DoctorRequest) => {
  if (request.kind === 'compare') return { findings: comparePictures(request.pictures) }
  const { path, name, maxPixels, threads } = request
  embedder ??= openEmbedder({ threads })
  await using picture = await openPicture(path, { name, maxPixels })
  return { measures: await measurePicture(picture.whole, await embedder) }
})
