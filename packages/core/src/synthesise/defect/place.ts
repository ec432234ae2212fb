/**
 * Where a defect goes: somewhere on the part, with as much of it around as the part allows.
 *
 * Places are chosen on a sketch of the part of one fixed size, so that they are the same at any resolution.
 */
import type { Random } from '../../random.ts'
import { cosine, sine } from '../angle.ts'
import type { Scene } from '../scene.ts'

export interface Place {
  readonly x: number
  readonly y: number
}

/** Where a defect may be, `[h, w]`, 0 to 1, seen small. */
interface Ground {
  readonly width: number
  readonly height: number
  readonly body: Float32Array
}

/** A scene with the ground on which its defects are placed. */
export interface Site {
  readonly scene: Scene
  readonly ground: Ground
}

/** Tries a few dozen random places and takes the one with most of the part within `reach` pixels. */
export function findPlace({ scene, ground }: Site, reach: number, random: Random): Place {
  const scaleX = scene.width / ground.width
  const scaleY = scene.height / ground.height
  let best: Place | undefined
  let most = -1
  for (let attempt = 0; attempt < 48 && most < 8; attempt++) {
    const place = { x: random.float64() * ground.width, y: random.float64() * ground.height }
    if (!isOnBody(ground, place.x, place.y)) continue
    let around = 0
    for (let k = 0; k < 8; k++) {
      const angle = (k * Math.PI) / 4
      const x = place.x + (reach / scaleX) * cosine(angle)
      const y = place.y + (reach / scaleY) * sine(angle)
      if (isOnBody(ground, x, y)) around++
    }
    if (around > most) {
      most = around
      best = place
    }
  }
  const { x, y } = best ?? middleOfBody(ground)
  return { x: x * scaleX, y: y * scaleY }
}

function isOnBody({ body, width, height }: Ground, x: number, y: number): boolean {
  const column = Math.floor(x)
  const row = Math.floor(y)
  return column >= 0 && row >= 0 && column < width && row < height && body[row * width + column]! > 0.99
}

/** The middle one of all points that belong wholly to the part. */
function middleOfBody({ body, width }: Ground): Place {
  const whole = [...body.keys()].filter((i) => body[i]! > 0.99)
  const middle = whole[whole.length >> 1]
  if (middle === undefined) throw new Error('internal: a part without a surface')
  return { x: (middle % width) + 0.5, y: Math.floor(middle / width) + 0.5 }
}
