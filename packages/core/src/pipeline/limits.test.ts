import type { Zone, Zones } from '@assay/contract'
import { expect, test } from 'vitest'
import { imagesNeeded, verdictOf } from '../calibrate/index.ts'
import { createRandom } from '../random.ts'
import type { ZoneScore } from '../zone/index.ts'
import { limitProduct, limitZones, type Aims } from './limits.ts'

const aims: Aims = { falseAlarms: 0.1, falseMasks: 0.2, unsure: null, confidence: 0 }
const zonesOf = (names: readonly string[], more: Partial<Zone> = {}): Zones => ({
  mmPerPixel: null,
  zones: names.map((name) => ({ name, kind: 'inspect', shape: { kind: 'whole' }, ...more })),
})

/** Uniform scores of independent zones; the peak is the score. */
function draw(seed: number, images: number, zones: number): (readonly (ZoneScore | undefined)[])[] {
  const random = createRandom(seed, 'zones', images, zones)
  return Array.from({ length: images }, () => [
    undefined,
    ...Array.from({ length: zones }, () => {
      const score = random.float64()
      return { score, peak: score }
    }),
  ])
}

test('one zone has the thresholds and the promise of a product that is nothing else', () => {
  const pictures = draw(1, 30, 1)
  const scores = pictures.map((p) => p[1]?.score ?? NaN)
  const product = limitProduct({ scores, peaks: scores }, { scores: [], peaks: [] }, { ...aims, unsure: 0.3 })
  const { zones, promised, heldOutAbove } = limitZones(zonesOf(['a']), pictures, { ...aims, unsure: 0.3 })
  const { image, pixel, unsure } = product
  expect(zones.zones[0]).toMatchObject({ image, pixel, unsure })
  expect({ promised, heldOutAbove }).toEqual({
    promised: product.promised,
    heldOutAbove: product.heldOutAbove,
  })
})

test('the pictures that any of several zones calls a defect keep to rate and promise together', () => {
  const fresh = draw(99, 4000, 4)
  let realised = 0
  let broken = 0
  const draws = 150
  for (let seed = 0; seed < draws; seed++) {
    const { zones, promised } = limitZones(zonesOf(['a', 'b', 'c', 'd']), draw(seed, 60, 4), aims)
    const flagged = fresh.filter((picture) =>
      zones.zones.some(
        (z, i) => verdictOf(picture[i + 1]?.score ?? NaN, z.image?.threshold ?? NaN, null) === 'defect',
      ),
    )
    const share = flagged.length / fresh.length
    realised += share / draws
    if (share > (promised?.falseAlarms ?? NaN)) broken++
  }
  // Independent zones overlap a little, so that together they stay below the rate; 150 draws tell it to a tenth.
  expect(realised).toBeLessThan(0.11)
  expect(realised).toBeGreaterThan(0.07)
  expect(broken / draws).toBeLessThan(0.05)
})

test('a zone may have a rate of its own, and ignored ones take no share', () => {
  const pictures = draw(5, 200, 2)
  const ignored: Zone = { name: 'label', kind: 'ignore', shape: { kind: 'whole' } }
  const { zones } = zonesOf(['a', 'b'])
  const own = limitZones(
    { mmPerPixel: 2, zones: [{ ...zones[0]!, falseAlarms: 0.3 }, zones[1]!, ignored] },
    pictures,
    aims,
  )
  const plain = limitZones({ mmPerPixel: 2, zones }, pictures, aims)
  expect(own.zones.zones[1]).toEqual(plain.zones.zones[1])
  expect(own.zones.zones[0]?.image?.threshold).toBeLessThan(plain.zones.zones[0]?.image?.threshold ?? NaN)
  expect(own.zones.zones[2]).toEqual(ignored)
  expect(own.zones.mmPerPixel).toBe(2)
})

test('with confidence and enough pictures for every zone the promise is the rate that was aimed at', () => {
  const kept = { ...aims, confidence: 0.9 }
  const needed = imagesNeeded(0.05, 0.95)
  const { promised } = limitZones(zonesOf(['a', 'b']), draw(7, needed, 2), kept)
  expect(promised?.falseAlarms).toBeLessThanOrEqual(0.1)
  expect(promised?.confidence).toBe(0.9)
})
