/** Where a defect goes: somewhere on the part, with as much of it around as the part allows. */
import type { Random } from '../../random.ts'
import type { Scene } from '../scene.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

/** Tries a few dozen random places and takes the one with most of the part within `reach` pixels. */
export function findPlace(scene: Scene, reach: number, random: Random): Place {
  const { width, height, body } = scene
  let best: Place = { x: width / 2, y: height / 2 }
  let most = -1
  for (let attempt = 0; attempt < 48 && most < 1; attempt++) {
    const place = { x: random.float64() * width, y: random.float64() * height }
    if (bodyAt(body, width, height, place.x, place.y) < 1) continue
    let share = 0
    for (let k = 0; k < 8; k++) {
      const angle = (k * Math.PI) / 4
      share +=
        bodyAt(body, width, height, place.x + reach * Math.cos(angle), place.y + reach * Math.sin(angle)) / 8
    }
    if (share > most) {
      most = share
      best = place
    }
  }
  return most < 0 ? (firstOnBody(scene) ?? best) : best
}

function bodyAt(body: Float32Array, width: number, height: number, x: number, y: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  return column < 0 || row < 0 || column >= width || row >= height ? 0 : body[row * width + column]!
}

/** The middle one of all pixels that belong wholly to the part. */
function firstOnBody(scene: Scene): Place | undefined {
  const { width, body } = scene
  const whole: number[] = []
  for (let i = 0; i < body.length; i++) if (body[i] === 1) whole.push(i)
  const middle = whole[whole.length >> 1]
  return middle === undefined ? undefined : { x: middle % width, y: Math.floor(middle / width) }
}
