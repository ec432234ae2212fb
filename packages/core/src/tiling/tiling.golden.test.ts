import { createHash } from 'node:crypto'
import { fromFloat16Bits, toFloat16Bits } from '@assay/graph'
import { expect, test } from 'vitest'
import golden from '../../../../fixtures/golden/tiling.json' with { type: 'json' }
import { cutTile, mergePublished, planTiles, publishedTileName, quarterOf } from './index.ts'

/** The picture of tools/golden/tiling.py. */
function drawPicture(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3)
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) pixels[i++] = 7 * x + 13 * y + 29 * c + ((x * y) % 251)
  return pixels
}

/** The map of a tile there. */
function drawMap(tile: number, side: number): Float32Array {
  return Float32Array.from({ length: side * side }, (_, i) =>
    fromFloat16Bits(toFloat16Bits((((7919 * i + 104729 * (tile + 1)) % 10007) / 10007) * 255)),
  )
}

for (const { name, width, height, window, overlap, ...expected } of golden.cases) {
  const plan = planTiles(
    { width, height },
    { window: { width: window, height: window }, overlap, edge: 'pad' },
  )

  test(`${name}, ${width} x ${height}: tiles lie and are called as RoBiS cuts them`, () => {
    const tiles = plan.tiles.map((tile) => ({ name: publishedTileName('part', tile), x: tile.x, y: tile.y }))
    expect(tiles).toEqual(expected.tiles)
  })

  test(`${name}: the pixels of the tiles are RoBiS's, zeros beyond the edge included`, () => {
    const picture = drawPicture(width, height)
    const hash = createHash('sha256')
    for (const tile of plan.tiles) hash.update(cutTile(picture, plan, 3, tile))
    expect(hash.digest('hex').slice(0, 16)).toBe(expected.pixelsSha256)
  })

  test(`${name}: the merged map is RoBiS's to the bit`, () => {
    const maps = plan.tiles.map((_, i) => drawMap(i, quarterOf(window)))
    const merged = mergePublished(plan, maps)
    expect([merged.width, merged.height]).toEqual([expected.merged.width, expected.merged.height])
    const bits = Uint16Array.from(merged.plane, toFloat16Bits)
    if (expected.merged.bits !== undefined) expect([...bits]).toEqual(expected.merged.bits)
    expect(createHash('sha256').update(bits).digest('hex').slice(0, 16)).toBe(expected.merged.bitsSha256)
  })
}
