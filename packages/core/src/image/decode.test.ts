import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { AssayError } from '@assay/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeImage } from './decode.ts'
import { readImageHeader } from './header.ts'

const fixtures = new URL('../../../../fixtures/image/', import.meta.url)
const fixture = (name: string): Promise<Uint8Array> => readFile(new URL(name, fixtures))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assay-image-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function failure(promise: Promise<unknown>): Promise<AssayError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AssayError)) throw new Error(`expected a refusal, got ${String(error)}`)
  return error
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => (await failure(promise)).code

describe('files that are no picture', () => {
  test('a path that does not exist is not found', async () => {
    expect(await codeOf(decodeImage(join(folder, 'gone.png')))).toBe('IMAGE_NOT_FOUND')
    expect(await codeOf(readImageHeader(join(folder, 'gone.png')))).toBe('IMAGE_NOT_FOUND')
  })

  test('a folder is named as one', async () => {
    expect((await failure(decodeImage(folder))).message).toContain('it is a folder')
  })

  test('an empty file says that it is empty', async () => {
    const path = join(folder, 'empty.png')
    await writeFile(path, '')
    expect((await failure(decodeImage(path))).message).toBe(`Cannot decode ${path}: the file is empty.`)
  })

  test('text under the name of a picture is refused by its content', async () => {
    const path = join(folder, 'note.png')
    await writeFile(path, 'the camera was switched off')
    expect(await codeOf(decodeImage(path))).toBe('IMAGE_UNREADABLE')
    expect(await codeOf(readImageHeader(path))).toBe('IMAGE_UNREADABLE')
  })

  test('a picture under the wrong ending is read for what it is', async () => {
    const path = join(folder, 'really-a-tiff.png')
    await writeFile(path, await fixture('rgb.tif'))
    expect((await readImageHeader(path)).format).toBe('tiff')
    expect((await decodeImage(path)).channels).toBe(3)
  })

  test('SVG and GIF are refused although the decoder could draw them', async () => {
    const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    expect(await codeOf(decodeImage(svg))).toBe('IMAGE_UNSUPPORTED')
    expect(await codeOf(decodeImage(new TextEncoder().encode('GIF89a..........')))).toBe('IMAGE_UNSUPPORTED')
  })
})

describe('damaged pictures', () => {
  const kinds = [
    'rgb.png',
    'interlaced.png',
    'rgb16.png',
    '420.jpg',
    'progressive.jpg',
    'lossy.webp',
    'lossless.webp',
    'rgb.tif',
    'rgb-lzw.tif',
    'rgb-deflate.tif',
    'rgb.bmp',
    'bit4.bmp',
    'rle8.bmp',
    'rle4.bmp',
  ]

  test.each(kinds)('%s is refused wherever it is cut', async (name) => {
    const whole = await fixture(name)
    const share = Array.from({ length: 12 }, (_, k) => Math.floor((whole.length * (k + 0.5)) / 12))
    // A bitmap's last bytes are padding or an end mark: without them it is still whole.
    const almost = whole.length - (name.endsWith('.bmp') ? 4 : 1)
    for (const length of [1, 4, ...share, almost])
      expect(await codeOf(decodeImage(whole.subarray(0, length))), `${length} bytes`).toBe('IMAGE_UNREADABLE')
  })

  test('a JPEG that ends early but politely is not filled up with grey', async () => {
    const whole = await fixture('420-coarse.jpg')
    const half = Uint8Array.from([...whole.subarray(0, whole.length - 60), 0xff, 0xd9])
    expect(await codeOf(decodeImage(half))).toBe('IMAGE_UNREADABLE')
  })

  test('a flipped bit in PNG data is noticed by its checksum', async () => {
    const bytes = Uint8Array.from(await fixture('rgb.png'))
    bytes[60]! ^= 1
    expect(await codeOf(decodeImage(bytes))).toBe('IMAGE_UNREADABLE')
  })

  test('bytes behind the end of a picture do no harm', async () => {
    for (const name of ['rgb.png', '420.jpg', 'rgb.tif', 'lossless.webp', 'rgb.bmp']) {
      const whole = await fixture(name)
      const longer = Uint8Array.from([...whole, 1, 2, 3, 4, 5])
      expect(await decodeImage(longer)).toEqual(await decodeImage(whole))
    }
  })
})

describe('kinds of numbers without a fixed brightness', () => {
  test.each([
    ['refused-float32.tif', '32-bit float'],
    ['refused-float16.tif', '16-bit float'],
    ['refused-float64.tif', 'more than 32 bits'],
    ['refused-uint32.tif', '32-bit integer'],
    ['refused-int16.tif', '16-bit signed'],
    ['refused-five-channels.tif', '5 channels'],
  ])('%s is refused as %s', async (name, words) => {
    for (const attempt of [decodeImage, readImageHeader]) {
      const error = await failure(attempt(await fixture(name)))
      expect(error.code).toBe('IMAGE_UNSUPPORTED')
      expect(error.message).toContain(words)
    }
  })
})

describe('size', () => {
  test('a picture over the limit is refused, one at the limit is not', async () => {
    const bytes = await fixture('rgb.png')
    const error = await failure(decodeImage(bytes, { maxPixels: 34, name: 'part.png' }))
    expect(error.message).toBe('part.png has 7 x 5 pixels, more than the limit of 34 pixels.')
    expect((await decodeImage(bytes, { maxPixels: 35 })).width).toBe(7)
  })

  test.each(['png', 'bmp'])(
    'a %s header that promises gigapixels is refused before memory is asked for',
    async (kind) => {
      const bytes = Uint8Array.from(await fixture(kind === 'png' ? 'grey.png' : 'rgb.bmp'))
      const view = new DataView(bytes.buffer)
      if (kind === 'png') {
        view.setUint32(16, 900_000)
        view.setUint32(20, 900_000)
        view.setUint32(29, crc32(bytes.subarray(12, 29)))
      } else {
        view.setInt32(18, 900_000, true)
        view.setInt32(22, -900_000, true)
      }
      expect(await codeOf(decodeImage(bytes))).toBe('IMAGE_TOO_LARGE')
      expect(await readImageHeader(bytes)).toMatchObject({ width: 900_000, height: 900_000 })
    },
  )
})

describe('headers', () => {
  test('the header tells size after turning, and how the file was turned', async () => {
    expect(await readImageHeader(await fixture('orient-6.webp'))).toEqual({
      width: 5,
      height: 7,
      channels: 3,
      depth: 8,
      format: 'webp',
      orientation: 6,
    })
  })

  test('the header of a file whose pixels are cut off can still be read', async () => {
    const bytes = await fixture('420-coarse.jpg')
    expect(await readImageHeader(bytes.subarray(0, bytes.length - 40))).toMatchObject({
      width: 17,
      height: 13,
    })
  })

  test('a file that was replaced is read anew', async () => {
    const path = join(folder, 'latest.png')
    await writeFile(path, await fixture('rgb.png'))
    expect((await readImageHeader(path)).channels).toBe(3)
    expect((await decodeImage(path)).channels).toBe(3)
    await writeFile(path, await fixture('orient-5-grey16.png'))
    expect(await readImageHeader(path)).toMatchObject({ channels: 1, depth: 16, width: 5 })
    expect((await decodeImage(path)).depth).toBe(16)
  })
})

test('decoding many at once mixes nothing up', async () => {
  const names = ['rgb.png', 'grey16.png', '420.jpg', 'rgb.bmp', 'rgb-lzw.tif', 'lossless.webp']
  const alone = []
  for (const name of names) alone.push(await decodeImage(await fixture(name)))
  const together = await Promise.all(names.map(async (name) => decodeImage(await fixture(name))))
  expect(together).toEqual(alone)
})

test('a JPEG that is cut says so, and names no setting of ours', async () => {
  const whole = await readFile(new URL('../../../../fixtures/image/444.jpg', import.meta.url))
  for (const share of [0.5, 0.9])
    await expect(
      decodeImage(whole.subarray(0, whole.length * share), { name: 'a.jpg' }),
    ).rejects.toMatchObject({
      code: 'IMAGE_UNREADABLE',
      message: expect.not.stringContaining('failOn'),
    })
})
