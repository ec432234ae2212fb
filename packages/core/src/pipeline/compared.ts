/** The pictures on which two ways to run a model are compared. */
import { AssayError, type Card } from '@assay/contract'
import { findImages } from '../dataset/index.ts'
import type { Image } from '../image/index.ts'
import { samplePixels } from '../model/index.ts'
import type { ImageInput } from './inspect.ts'

export interface ComparedPicture {
  readonly picture: ImageInput
  readonly name: string
}

/** Images and folders; without any, the pictures of the sample vectors. */
export async function findCompared(
  images: readonly string[],
  card: Pick<Card, 'samples'>,
): Promise<readonly ComparedPicture[]> {
  if (images.length > 0) return (await gather(images)).map((path) => ({ picture: path, name: path }))
  return card.samples.map(({ input }, i) => ({ picture: drawSample(input), name: `sample ${i}` }))
}

async function gather(paths: readonly string[]): Promise<readonly string[]> {
  const { images, missing, empty } = await findImages(paths)
  const [firstMissing] = missing
  const [firstEmpty] = empty
  if (firstMissing !== undefined) throw new AssayError('IMAGE_NOT_FOUND', { path: firstMissing })
  if (firstEmpty !== undefined) throw new AssayError('IMAGE_NONE_IN_FOLDER', { path: firstEmpty })
  return images.map(({ path }) => path)
}

function drawSample(input: Parameters<typeof samplePixels>[0]): Image {
  const { width, height } = input
  return { width, height, channels: 3, depth: 8, pixels: samplePixels(input) }
}
