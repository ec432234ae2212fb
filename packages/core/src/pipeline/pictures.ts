/** Judges files one after the other, the next ones being decoded meanwhile; those that cannot be read are left out. */
import type { InputGeometry } from '../feature/index.ts'
import type { Image } from '../image/index.ts'
import type { Feeds } from '../runtime/index.ts'
import { mapAhead } from './ahead.ts'
import { decodeAhead, decodePicture, discardPicture, type DecodedPicture } from './decode.ts'
import { judgePicture, type JudgeInput, type Judgement } from './judge.ts'
import type { ImageErrorEvent, TrainEvent } from './options.ts'
import type { PictureSource } from './picture-source.ts'

export interface PictureToJudge {
  readonly file: string
  /** Fed to the session with this picture. */
  readonly extra?: Feeds
}

export interface JudgedPicture extends Judgement {
  readonly file: string
  /** The whole picture, reduced where it is too large to hold; what the map belongs to. */
  readonly image: Image
  readonly reduction: number
  /** Largest value of the map. */
  readonly peak: number
}

export interface JudgePicturesInput extends Pick<JudgeInput, 'session' | 'input'> {
  readonly geometry: InputGeometry
  readonly maxPixels: number | undefined
  /** Where the pictures are; files by default. */
  readonly source?: PictureSource | undefined
  readonly signal: AbortSignal | undefined
}

/** Calls `use` for each picture in order and counts `progress` on. */
export async function* judgePictures(
  { maxPixels, source, ...given }: JudgePicturesInput,
  pictures: readonly PictureToJudge[],
  progress: { done: number; readonly total: number },
  use: (judged: JudgedPicture) => void,
): AsyncGenerator<ImageErrorEvent | Extract<TrainEvent, { type: 'stage' }>, void> {
  const discard = ({ picture }: { picture: DecodedPicture | ImageErrorEvent }) => discardPicture(picture)
  const decode = async ({ file, extra = {} }: PictureToJudge) => ({
    picture: await decodePicture(file, maxPixels, source),
    extra,
  })
  for await (const { picture, extra } of mapAhead(pictures, decodeAhead, decode, discard)) {
    given.signal?.throwIfAborted()
    if ('type' in picture) {
      yield picture
    } else {
      await using opened = picture.picture
      const { file } = picture
      const judgement = await judgePicture({ ...given, picture: opened, name: file, extra })
      const { whole: image, reduction } = opened
      use({ ...judgement, file, image, reduction, peak: largest(judgement.map) })
    }
    yield { type: 'stage', stage: 'calibrate', done: ++progress.done, total: progress.total }
  }
}

function largest(values: Float32Array): number {
  let best = -Infinity
  for (const v of values) if (v > best) best = v
  return best
}
