import { expect, test } from 'vitest'
import golden from '../../../../fixtures/golden/region.json' with { type: 'json' }
import { fillHoles, findRegions, labelComponents } from './index.ts'

/** The generator of tools/golden/region.py. */
function drawMask(seed: number, share: number, length: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return state / 4294967296 < share ? 255 : 0
  })
}

for (const connectivity of [4, 8] as const) {
  for (const expected of golden.cases) {
    const { width, height, seed, share } = expected
    const mask = drawMask(seed, share, width * height)
    const name = `${width} x ${height}, ${share * 100} % foreground, ${connectivity}-connected`

    test(`${name}: count, largest areas and boxes are those of scipy`, () => {
      const regions = findRegions(mask, width, height, { connectivity })
      expect(regions.length).toBe(expected[`count${connectivity}`])
      const largest = regions.slice(0, 4).map(({ box, areaPx }) => ({ box, areaPx }))
      expect(largest).toEqual(expected[`largest${connectivity}`])
    })

    test(`${name}: filled holes are those of scipy`, () => {
      const filled = fillHoles(mask, width, height, { connectivity })
      let sum = 0
      filled.forEach((value, i) => (sum += value === 0 ? 0 : i))
      expect(filled.filter((value) => value !== 0).length).toBe(expected[`filled${connectivity}`])
      expect(sum).toBe(expected[`filledSum${connectivity}`])
    })
  }
}

test('the reference mask f32(12, 14, 577) > 0.6 has three components either way', () => {
  // scipy 1.17.0; f32(h, w, a)[i] = ((i * a + 104729) mod 10007) / 10007.
  const mask = Uint8Array.from({ length: 12 * 14 }, (_, i) =>
    Math.fround(((i * 577 + 104729) % 10007) / 10007) > 0.6 ? 1 : 0,
  )
  expect(labelComponents(mask, 14, 12, { connectivity: 8 }).count).toBe(3)
  expect(labelComponents(mask, 14, 12, { connectivity: 4 }).count).toBe(3)
})
