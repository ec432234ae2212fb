import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import golden from '../../../../fixtures/golden/binarise.json' with { type: 'json' }
import { roundToFloat16 } from '@assay/graph'
import {
  type AnomalyMap,
  findPublishedThreshold,
  fitBinariser,
  mebinPublished,
  sigmaPublished,
  uniteBinarisers,
} from './index.ts'
import { findStableIntervals, longestInterval } from './mebin/interval.ts'
import { publishedCuts } from './mebin/published.ts'
import { sweepComponents } from './mebin/sweep.ts'

type GoldenMap = (typeof golden.splits)[number]['maps'][number]

/** The formula of tools/golden/binarise.py. */
function drawMap(width: number, height: number, { seed, noise, bumps }: GoldenMap): AnomalyMap {
  let state = seed
  const values = Float32Array.from({ length: width * height }, (_, i) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    const x = i % width
    const y = Math.trunc(i / width)
    let value = noise * (state / 4294967296)
    for (const [cx = 0, cy = 0, size = 1, strength = 0] of bumps)
      value += strength / (1 + ((x - cx) * (x - cx) + (y - cy) * (y - cy)) / size)
    return roundToFloat16(Math.min(value, 255))
  })
  return { width, height, values }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

for (const split of golden.splits) {
  test(`${split.name}: counts, thresholds and masks of the split are those of the reference`, async () => {
    const maps = split.maps.map((map) => drawMap(split.width, split.height, map))
    const united = uniteBinarisers([mebinPublished, sigmaPublished])
    const range = await fitBinariser(mebinPublished, maps, null)
    const sigma = await fitBinariser(sigmaPublished, maps, null)
    if (range === null || sigma === null) throw new Error('both are fitted')
    expect(sigma.threshold).toBe(split.sigma)
    for (const [i, map] of maps.entries()) {
      const expected = split.maps[i]!
      expect(digest(new Uint8Array(map.values.buffer))).toBe(expected.values)
      expect(sweepComponents(map, publishedCuts(range), 6).join(',')).toBe(expected.counts)
      expect(findPublishedThreshold(map, range)).toBe(expected.threshold)
      expect(digest(mebinPublished.binarise(map, range, null))).toBe(expected.mebin)
      expect(digest(sigmaPublished.binarise(map, sigma, null))).toBe(expected.bySigma)
      const mask = united.binarise(map, [range, sigma], united.defaults)
      expect(digest(mask)).toBe(expected.united)
      expect(mask.filter((value) => value === 255).length).toBe(expected.unitedPx)
    }
  })
}

test('the interval is that of the reference, ties of length included', () => {
  for (const { counts, end } of golden.intervals)
    expect(longestInterval(findStableIntervals(Array.from(counts, Number), 4))?.end ?? null).toBe(end)
})
