import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodeImage } from './decode.ts'
import { readImageHeader } from './header.ts'

// Pixels as Pillow gives them; see fixtures/image/PROVENANCE.md.
const folder = new URL('../../../../fixtures/image/', import.meta.url)

interface Expected {
  readonly judge: string
  readonly width: number
  readonly height: number
  readonly channels: number
  readonly depth: number
  readonly pixels: readonly number[]
}

const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as {
  readonly pictures: Readonly<Record<string, Expected>>
}

test.each(Object.entries(expected.pictures))(
  '%s decodes to the pixels that Pillow sees',
  async (name, want) => {
    const path = new URL(name, folder).pathname
    const { width, height, channels, depth, pixels } = await decodeImage(path)
    expect({ width, height, channels, depth, pixels: [...pixels] }).toEqual({
      width: want.width,
      height: want.height,
      channels: want.channels,
      depth: want.depth,
      pixels: want.pixels,
    })
    expect(pixels).toBeInstanceOf(depth === 16 ? Uint16Array : Uint8Array)
    const header = await readImageHeader(path)
    expect(header).toMatchObject({ width, height, channels, depth })
  },
)
