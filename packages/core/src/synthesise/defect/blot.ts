/** Defects with an area: stains, holes and discoloured patches, all ragged discs. */
import type { Random } from '../../random.ts'
import { drawNoise } from '../noise.ts'
import { type Colour, paint, type Scene, visitAround } from '../scene.ts'
import { coverageOf, smoothstep } from '../shape.ts'
import { findPlace } from './place.ts'

/** A drop of oil or rust water: darker and warmer, darkest along its rim. */
export function addStain(scene: Scene, random: Random): Float32Array {
  const side = Math.min(scene.width, scene.height)
  const blot = drawBlot(scene, side * (0.035 + 0.04 * random.float64()), 0.2, random)
  const depth = 0.5 + 0.25 * random.float64()
  const tint: Colour = [1 - 0.55 * depth, 1 - 0.72 * depth, 1 - 0.95 * depth]
  return blot.cover((i, distance) => {
    const soft = smoothstep(0.006 * side, -0.006 * side, distance)
    const rim = Math.max(0, 1 - Math.abs(distance + 0.006 * side) / (0.007 * side))
    const strength = soft * (0.78 + 0.22 * rim)
    for (let c = 0; c < 3; c++) {
      const at = 3 * i + c
      scene.albedo[at] = scene.albedo[at]! * (1 - strength * (1 - tint[c]!))
    }
    scene.gloss[i] = scene.gloss[i]! * (1 - 0.5 * soft)
    return soft
  })
}

/** A ragged hole with a worn edge; what lies beneath shows. */
export function addHole(scene: Scene, random: Random): Float32Array {
  const side = Math.min(scene.width, scene.height)
  const blot = drawBlot(scene, Math.max(2.5, side * (0.014 + 0.022 * random.float64())), 0.22, random)
  const edge = Math.max(1.2, 0.007 * side)
  return blot.cover((i, distance) => {
    const inside = coverageOf(distance)
    const worn = smoothstep(edge, 0, distance) * (1 - inside)
    for (let c = 0; c < 3; c++)
      scene.albedo[3 * i + c] = scene.albedo[3 * i + c]! * (1 - 0.25 * worn) + 0.04 * worn
    const deep = smoothstep(0, -0.01 * side, distance)
    paint(scene, i, scene.beneath, 1.8 - 0.8 * deep, inside)
    scene.relief[i] = scene.relief[i]! * (1 - inside) + 0.004 * side * worn - inside * 0.012 * side
    scene.gloss[i] = scene.gloss[i]! * (1 - inside)
    return inside
  })
}

/** A patch of another tone with a soft border: heat, bleach, a bad batch of dye. */
export function addDiscolouration(scene: Scene, random: Random): Float32Array {
  const side = Math.min(scene.width, scene.height)
  const blot = drawBlot(scene, side * (0.07 + 0.07 * random.float64()), 0.18, random)
  const tints: readonly Colour[] = [
    [1.3, 1.04, 0.62],
    [0.62, 0.78, 1.16],
    [1.4, 1.38, 1.3],
    [0.66, 0.64, 0.62],
  ]
  const tint = tints[random.integer(tints.length)]!
  const soft = 0.022 * side
  return blot.cover((i, distance) => {
    const strength = smoothstep(soft, -soft, distance)
    for (let c = 0; c < 3; c++) {
      const at = 3 * i + c
      scene.albedo[at] = scene.albedo[at]! * (1 + strength * (tint[c]! - 1))
    }
    return strength
  })
}

interface Blot {
  /** Visits the pixels of the part around the blot; `change` gives back the coverage at each. */
  cover(change: (i: number, distance: number) => number): Float32Array
}

/** A disc of a radius in pixels whose outline swings by a share of the radius, somewhere on the part. */
function drawBlot(scene: Scene, radius: number, raggedness: number, random: Random): Blot {
  const place = findPlace(scene, radius, random)
  const reach = Math.ceil(radius * 2.2) + 3
  const size = 2 * reach + 3
  const broad = drawNoise(random, size, size, { cellX: radius * 0.9, cellY: radius * 0.9 })
  const fine = drawNoise(random, size, size, {
    cellX: Math.max(1.5, radius * 0.3),
    cellY: Math.max(1.5, radius * 0.3),
  })
  const stretch = 1 + 0.35 * random.float64()
  const turn = Math.PI * random.float64()
  const cos = Math.cos(turn)
  const sin = Math.sin(turn)
  return {
    cover(change) {
      const coverage = new Float32Array(scene.width * scene.height)
      visitAround(scene, place.x, place.y, reach, (i, dx, dy) => {
        if (scene.body[i] === 0) return
        const along = (dx * cos + dy * sin) * stretch
        const across = (dy * cos - dx * sin) / stretch
        const at = Math.round(dy + reach + 1) * size + Math.round(dx + reach + 1)
        const swing = radius * raggedness * Math.max(-1.8, Math.min(1.8, broad[at]! + 0.35 * fine[at]!))
        coverage[i] = scene.body[i]! * change(i, Math.hypot(along, across) - radius + swing)
      })
      return coverage
    },
  }
}
