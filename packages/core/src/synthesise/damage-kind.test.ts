import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { drawPicture } from '../testing/picture.ts'
import { damageKinds, damageOnce } from './damage-kind.ts'

const [width, height] = [72, 48]

test('each kind changes something where the mask says so, and nothing elsewhere', () => {
  fc.assert(
    fc.property(fc.constantFrom(...damageKinds), fc.integer({ min: 0, max: 1e6 }), (kind, seed) => {
      const { pixels } = drawPicture({ width, height, seed })
      const before = pixels.slice()
      const { pixels: after, mask } = damageOnce(pixels, width, height, kind, createRandom(seed, kind))
      expect(Buffer.compare(pixels, before)).toBe(0)
      const marked = mask.filter((share) => share > 0.5).length
      expect(marked).toBeGreaterThan(0)
      expect(marked).toBeLessThan(mask.length / 4)
      let inside = 0
      let outside = 0
      for (let i = 0; i < after.length; i++) {
        const moved = Math.abs(after[i]! - before[i]!)
        if (mask[Math.floor(i / 3)] === 0) outside += moved
        else inside += moved
      }
      expect(outside).toBe(0)
      expect(inside).toBeGreaterThan(0)
    }),
    { numRuns: 60 },
  )
})

test('the same seed damages alike, another one elsewhere', () => {
  const { pixels } = drawPicture({ width, height, seed: 1 })
  for (const kind of damageKinds) {
    const damage = (seed: number) => damageOnce(pixels, width, height, kind, createRandom(seed, 'x')).pixels
    expect(damage(1)).toEqual(damage(1))
    expect(damage(2)).not.toEqual(damage(1))
  }
})

test('on a dark ground beside the part, damage that would not show there is moved to where it does', () => {
  const { pixels } = drawPicture({ width, height, seed: 1 })
  for (let y = 0; y < height; y++) pixels.fill(0, 3 * y * width, 3 * (y * width + 0.6 * width))
  let shown = 0
  for (let seed = 0; seed < 20; seed++) {
    const { pixels: after } = damageOnce(pixels, width, height, 'turned', createRandom(seed, 'dark'))
    if (after.some((v, i) => v !== pixels[i])) shown++
  }
  // One place alone would show in less than half of them.
  expect(shown).toBeGreaterThanOrEqual(17)
})
