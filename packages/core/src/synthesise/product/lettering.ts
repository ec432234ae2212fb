/** Print and etching: a row of figures and letters of seven strokes each, always the same for a length. */
import { distanceToBox } from '../shape.ts'

/** Distance from the strokes of a row around the origin, in the unit of `pitch`, the width of one sign. */
export function letterDistance(u: number, v: number, letters: number, pitch: number): number {
  const place = u / pitch + letters / 2
  const letter = Math.floor(place)
  if (letter < 0 || letter >= letters || Math.abs(v) > pitch) return pitch
  const strokes = signs[(letter * 7 + letters * 3) % signs.length] ?? ''
  const s = place - letter - 0.5
  const t = v / pitch
  let distance = 1
  for (const stroke of strokes) {
    const [x, y, halfX, halfY] = strokeBoxes[stroke] ?? [0, 0, 0, 0]
    distance = Math.min(distance, distanceToBox(s - x, t - y, halfX + width, halfY + width, width))
  }
  return distance * pitch
}

/** Half the width of a stroke, as a share of a sign. */
const width = 0.075

/** 0 to 9 and the letters that seven strokes can write; strokes go round from the top, g is in the middle. */
const signs = [
  'abcdef',
  'bc',
  'abged',
  'abgcd',
  'fgbc',
  'afgcd',
  'afgedc',
  'abc',
  'abcdefg',
  'abcdfg',
  'abcefg',
  'adef',
  'adefg',
  'aefg',
  'bcefg',
  'def',
  'abefg',
  'bcdef',
]

/** Centre and half sizes of each stroke. */
const strokeBoxes: Readonly<Record<string, readonly [number, number, number, number]>> = {
  a: [0, -0.5, 0.24, 0],
  b: [0.26, -0.25, 0, 0.23],
  c: [0.26, 0.25, 0, 0.23],
  d: [0, 0.5, 0.24, 0],
  e: [-0.26, 0.25, 0, 0.23],
  f: [-0.26, -0.25, 0, 0.23],
  g: [0, 0, 0.24, 0],
}
