import { expect, test } from 'vitest'
import { createRandom } from '../random.ts'
import { drawClouds, drawTexture } from './texture.ts'

/** The mean of each block of two by two. */
function halve(field: Float32Array, width: number, height: number): Float32Array {
  const half = new Float32Array((width / 2) * (height / 2))
  for (let y = 0, i = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2, i++) {
      const at = y * width + x
      half[i] = (field[at]! + field[at + 1]! + field[at + width]! + field[at + width + 1]!) / 4
    }
  }
  return half
}

function deviation(field: Float32Array): number {
  return Math.sqrt(field.reduce((sum, value) => sum + value * value, 0) / field.length)
}

test('a texture at twice the size is the same one', () => {
  for (const [cellX, cellY] of [
    [12, 12],
    [40, 6],
    [3, 25],
  ] as const) {
    const small = drawTexture(createRandom(7), 90, 66, { cellX, cellY })
    const large = drawTexture(createRandom(7), 180, 132, { cellX: 2 * cellX, cellY: 2 * cellY })
    const difference = halve(large, 180, 132).map((value, i) => value - small[i]!)
    expect(deviation(difference)).toBeLessThan(0.06)
  }
})

test('textures have a deviation of about 1, less where their cells are finer than pixels', () => {
  expect(deviation(drawTexture(createRandom(1), 300, 300, { cellX: 5, cellY: 5 }))).toBeCloseTo(1, 1)
  const fine = drawTexture(createRandom(1), 300, 300, { cellX: 0.375, cellY: 1.5 })
  expect(deviation(fine)).toBeCloseTo(0.5, 1)
  expect(deviation(drawClouds(createRandom(1), 300, 300, { cell: 24, octaves: 4 }))).toBeCloseTo(1, 0)
})

test('whoever draws a texture goes on alike, whatever its size', () => {
  const after = [40, 400].map((side) => {
    const random = createRandom(3)
    drawClouds(random, side, side, { cell: side / 7, octaves: 5 })
    return random.uint32()
  })
  expect(after[0]).toBe(after[1])
})
