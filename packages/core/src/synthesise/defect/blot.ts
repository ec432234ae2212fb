/** Defects with an area: stains, holes and discoloured patches, all ragged discs. */
import type { Random } from '../../random.ts'
import { cosine, lengthOf, sine } from '../angle.ts'
import { type Colour, paint, visitAround } from '../scene.ts'
import { coverageOf, smoothstep } from '../shape.ts'
import { drawClouds } from '../texture.ts'
import { findPlace, type Site } from './place.ts'

/** A drop of oil or rust water: darker and warmer, darkest along its rim. */
export function addStain(site: Site, random: Random): Float32Array {
  const { scene } = site
  const side = Math.min(scene.width, scene.height)
  const blot = drawBlot(site, side * (0.035 + 0.04 * random.float64()), 0.2, random)
  const depth = 0.28 + 0.47 * random.float64()
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
export function addHole(site: Site, random: Random): Float32Array {
  const { scene } = site
  const side = Math.min(scene.width, scene.height)
  const blot = drawBlot(site, side * (0.014 + 0.022 * random.float64()), 0.22, random)
  const edge = Math.max(1.2, 0.007 * side)
  return blot.cover((i, distance) => {
    const inside = coverageOf(distance)
    const worn = smoothstep(edge, 0, distance) * (1 - inside)
    for (let c = 0; c < 3; c++)
      scene.albedo[3 * i + c] = scene.albedo[3 * i + c]! * (1 - 0.25 * worn) + 0.04 * worn
    const deep = smoothstep(0, -0.01 * side, distance)
    paint(scene, i, scene.material.beneath, 1.8 - 0.8 * deep, inside)
    scene.relief[i] = scene.relief[i]! * (1 - inside) + 0.004 * side * worn - inside * 0.012 * side
    scene.gloss[i] = scene.gloss[i]! * (1 - inside)
    return inside
  })
}

/** A patch of another tone with a soft border: heat, bleach, a bad batch of dye. */
export function addDiscolouration(site: Site, random: Random): Float32Array {
  const { scene } = site
  const side = Math.min(scene.width, scene.height)
  const blot = drawBlot(site, side * (0.07 + 0.07 * random.float64()), 0.18, random)
  const tints: readonly Colour[] = [
    [1.12, 0.74, 0.42],
    [0.58, 0.68, 0.88],
    [1.5, 1.46, 1.36],
    [0.62, 0.6, 0.58],
  ]
  const full = tints[random.integer(tints.length)]!
  const strongest = 0.4 + 0.6 * random.float64()
  const soft = 0.022 * side
  return blot.cover((i, distance) => {
    const share = smoothstep(soft, -soft, distance)
    for (let c = 0; c < 3; c++) {
      const at = 3 * i + c
      scene.albedo[at] = scene.albedo[at]! * (1 + share * strongest * (full[c]! - 1))
    }
    return share
  })
}

interface Blot {
  /** Visits the pixels of the part around the blot; `change` gives back the coverage at each. */
  cover(change: (i: number, distance: number) => number): Float32Array
}

/** A disc of a radius in pixels whose outline swings by a share of the radius, somewhere on the part. */
function drawBlot(site: Site, asked: number, raggedness: number, random: Random): Blot {
  const { scene } = site
  const place = findPlace(site, asked, random)
  // Never so small that no pixel would be half covered; the place is the same all the same.
  const radius = Math.max(2.5, asked)
  const swing = drawOutline(random)
  const stretch = 1 + 0.35 * random.float64()
  const turn = Math.PI * random.float64()
  const cos = cosine(turn)
  const sin = sine(turn)
  return {
    cover(change) {
      const coverage = new Float32Array(scene.width * scene.height)
      visitAround(scene, place.x, place.y, 2.2 * radius + 3, (i, dx, dy) => {
        if (scene.body[i] === 0) return
        const along = (dx * cos + dy * sin) * stretch
        const across = (dy * cos - dx * sin) / stretch
        const distance =
          lengthOf(along, across) - radius + radius * raggedness * swing(dx / radius, dy / radius)
        coverage[i] = scene.body[i]! * change(i, distance)
      })
      return coverage
    },
  }
}

/** How far an outline swings at a place in units of its radius: clouds on a grid of their own, at any resolution. */
function drawOutline(random: Random): (u: number, v: number) => number {
  const clouds = drawClouds(random, grid, grid, { cell: 0.9 * perRadius, octaves: 4 })
  return (u, v) => {
    const x = Math.min(grid - 2, Math.max(0, (u + gridReach) * perRadius))
    const y = Math.min(grid - 2, Math.max(0, (v + gridReach) * perRadius))
    const i = Math.floor(y) * grid + Math.floor(x)
    const s = x - Math.floor(x)
    const t = y - Math.floor(y)
    const top = clouds[i]! * (1 - s) + clouds[i + 1]! * s
    const bottom = clouds[i + grid]! * (1 - s) + clouds[i + grid + 1]! * s
    return Math.max(-1.8, Math.min(1.8, top * (1 - t) + bottom * t))
  }
}

/** Points of the grid to a radius, and radii from its middle to its edge. */
const perRadius = 40
const gridReach = 2.6
const grid = 2 * perRadius * gridReach
