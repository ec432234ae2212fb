import { AssayError } from '@assay/contract'
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createTestFolder } from '../testing/folder.ts'
import { toPng } from '../testing/picture-folder.ts'
import { drawPicture } from '../testing/picture.ts'
import { decodePicture, toImageError } from './decode.ts'

test('a picture comes with its pixels and the sum of its file', async () => {
  await using folder = await createTestFolder()
  const picture = drawPicture({ width: 20, height: 10, seed: 1 })
  const png = await toPng(picture)
  const file = await folder.write('a.png', png)
  const decoded = await decodePicture(file, undefined)
  expect(decoded).toMatchObject({ file, picture: { width: 20, height: 10 } })
  if ('type' in decoded) throw new Error('not decoded')
  expect(Buffer.from(decoded.sha256)).toEqual(createHash('sha256').update(png).digest())
  expect(decoded.picture.whole.pixels).toEqual(picture.pixels)
})

test('what a user can mend becomes an event with the path, the code and the remedy', async () => {
  await using folder = await createTestFolder()
  const text = await folder.write('a.png', 'no picture')
  const large = await folder.write('b.png', await toPng(drawPicture({ width: 20, height: 10, seed: 1 })))
  const missing = folder.at('c.png')
  for (const [file, code] of [
    [text, 'IMAGE_UNREADABLE'],
    [large, 'IMAGE_TOO_LARGE'],
    [missing, 'IMAGE_NOT_FOUND'],
  ] as const) {
    const event = await decodePicture(file, 100)
    expect(event).toMatchObject({ type: 'image-error', image: file, code })
    expect(event).toHaveProperty('message', expect.stringContaining(file))
    expect(event).toHaveProperty('hint', expect.stringMatching(/.+/))
  }
})

test('a fault of ours is not blamed on the picture', () => {
  const ours = new TypeError('undefined is not a function')
  expect(() => toImageError('a.png', ours)).toThrow(ours)
  const users = new AssayError('IMAGE_NOT_FOUND', { path: 'a.png' })
  expect(toImageError('a.png', users)).toMatchObject({ type: 'image-error', code: 'IMAGE_NOT_FOUND' })
})
