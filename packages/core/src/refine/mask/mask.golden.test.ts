import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import golden from '../../../../../fixtures/golden/binarise.json' with { type: 'json' }
import { fillHoles } from '../../region/index.ts'
import { combineSegments, largestBoxes } from './index.ts'

/** The generator of tools/golden/binarise.py. */
function drawMask(seed: number, share: number, length: number): Uint8Array {
  let state = seed
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return state / 4294967296 < share ? 255 : 0
  })
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

for (const expected of golden.segments) {
  const { width, height, seed, share, components } = expected
  test(`${width} x ${height}, ${components} regions: boxes, unions and holes are those of the reference`, () => {
    const length = width * height
    const coarse = drawMask(seed, share, length)
    expect(largestBoxes(coarse, width, height, 3)).toEqual(expected.boxes)
    expect(digest(fillHoles(coarse, width, height))).toBe(expected.filled)
    const answers = expected.boxes.map((_, b) =>
      [0, 1, 2].map((m) => drawMask(seed * 100 + 10 * b + m, 0.3, length)),
    )
    const single = answers.map((masks) => masks.slice(0, 1))
    const replace = (masks: readonly (readonly Uint8Array[])[]): string =>
      digest(combineSegments(coarse, width, height, masks, { rule: 'replace' }))
    expect(replace(single)).toBe(expected.single)
    expect(replace(answers)).toBe(expected.three)
  })
}
