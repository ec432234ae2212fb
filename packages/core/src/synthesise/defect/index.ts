/**
 * The defects that a surface can have, each changing colour, relief and shine of a scene.
 *
 * Every one gives back its own coverage; the mask of the part is made from it, so masks are exact.
 */
import type { Random } from '../../random.ts'
import { addDiscolouration, addHole, addStain } from './blot.ts'
import { addCrack, addScratch } from './line.ts'
import type { Site } from './place.ts'

export type { Site } from './place.ts'

export const surfaceDefects = ['scratch', 'crack', 'stain', 'hole', 'discolouration'] as const
export type SurfaceDefect = (typeof surfaceDefects)[number]

/** Adds one defect somewhere on the part and returns its coverage `[h, w]`, 0 to 1. Never misses the part. */
export function defaceScene(site: Site, kind: SurfaceDefect, random: Random): Float32Array {
  switch (kind) {
    case 'scratch':
      return addScratch(site, random)
    case 'crack':
      return addCrack(site, random)
    case 'stain':
      return addStain(site, random)
    case 'hole':
      return addHole(site, random)
    case 'discolouration':
      return addDiscolouration(site, random)
    default:
      return kind satisfies never
  }
}
