/**
 * The defects that any surface can have, each changing colour, relief and shine of a scene.
 *
 * Every one gives back its own coverage; the mask of the part is made from it, so masks are exact.
 */
import type { Random } from '../../random.ts'
import type { Scene } from '../scene.ts'
import { addDiscolouration, addHole, addStain } from './blot.ts'
import { addCrack, addScratch } from './line.ts'

export const defectKinds = ['scratch', 'crack', 'stain', 'hole', 'discolouration'] as const
export type DefectKind = (typeof defectKinds)[number]

/** Share of each pixel that a defect covers, `[h, w]`, 0 to 1. */
export type Defacement = Float32Array

/** Adds one defect somewhere on the part and returns its coverage. Never misses the part. */
export function defaceScene(scene: Scene, kind: DefectKind, random: Random): Defacement {
  switch (kind) {
    case 'scratch':
      return addScratch(scene, random)
    case 'crack':
      return addCrack(scene, random)
    case 'stain':
      return addStain(scene, random)
    case 'hole':
      return addHole(scene, random)
    case 'discolouration':
      return addDiscolouration(scene, random)
    default:
      return kind satisfies never
  }
}
