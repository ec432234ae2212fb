/**
 * Makes the picture of one part from a seed, whole or with one defect and its exact mask.
 *
 * Part, light, camera noise and defect draw from streams of their own: the same seed with and without a
 * defect is the same part, photographed twice alike, so the two pictures differ only at the defect and in
 * the shade it throws. For demos and tests, at any size; no substitute for pictures of real parts.
 * Sines come from the engine, so another engine may give bytes that differ by one.
 */
import { createRandom, type Random } from '../random.ts'
import { drawLight, photograph } from './camera.ts'
import { type Defacement, type DefectKind, defaceScene, defectKinds } from './defect/index.ts'
import { paintBlister } from './product/blister.ts'
import { paintBoard } from './product/board.ts'
import { paintFabric } from './product/fabric.ts'
import { paintFlange } from './product/flange.ts'
import type { Painted } from './product/product.ts'
import type { Light } from './scene.ts'

export const partProducts = ['fabric', 'flange', 'blister', 'board'] as const
export type PartProduct = (typeof partProducts)[number]

/** `missing` is a piece left out: a thread, a screw, a tablet, a component. */
export const partDefects = [...defectKinds, 'missing'] as const
export type PartDefect = DefectKind | 'missing'

export interface PartOptions {
  readonly product: PartProduct
  readonly width: number
  readonly height: number
  /** Names the part: its pose, its unevenness, the light and the noise. */
  readonly seed: number
  readonly defect?: PartDefect
}

export interface Part {
  readonly width: number
  readonly height: number
  /** sRGB, `[h, w, 3]`. */
  readonly image: Uint8Array
  /** `[h, w]`: 255 where the defect covers at least half the pixel, otherwise 0. */
  readonly mask: Uint8Array
}

/** Pictures smaller than this on a side cannot show what the products are made of. */
const smallestSide = 48

export function synthesisePart(options: PartOptions): Part {
  const { product, width, height, seed, defect } = options
  if (!Number.isInteger(width) || !Number.isInteger(height) || Math.min(width, height) < smallestSide) {
    throw new Error(
      `internal: a synthetic part of ${width} x ${height}; each side needs ${smallestSide} or more`,
    )
  }
  const light = drawLight(createRandom(seed, product, 'light'))
  const fault = createRandom(seed, product, 'defect', defect ?? 'none')
  const painted = paintProduct(product, {
    width,
    height,
    light,
    random: createRandom(seed, product, 'part'),
    missing: defect === 'missing' ? fault.float64() : null,
  })
  const coverage = coverageOfDefect(painted, defect, fault)
  const image = photograph(painted.scene, light, createRandom(seed, product, 'camera'))
  const mask = new Uint8Array(width * height)
  if (coverage !== null) for (let i = 0; i < mask.length; i++) mask[i] = coverage[i]! >= 0.5 ? 255 : 0
  return { width, height, image, mask }
}

function coverageOfDefect(
  painted: Painted,
  defect: PartDefect | undefined,
  random: Random,
): Defacement | null {
  if (defect === undefined) return null
  return defect === 'missing' ? painted.missing : defaceScene(painted.scene, defect, random)
}

interface PaintOptions {
  readonly width: number
  readonly height: number
  readonly light: Light
  readonly random: Random
  readonly missing: number | null
}

function paintProduct(product: PartProduct, options: PaintOptions): Painted {
  const { width, height, light, random, missing } = options
  switch (product) {
    case 'fabric':
      return paintFabric(width, height, random, missing)
    case 'flange':
      return paintFlange(width, height, random, light, missing)
    case 'blister':
      return paintBlister(width, height, random, light, missing)
    case 'board':
      return paintBoard(width, height, random, light, missing)
    default:
      return product satisfies never
  }
}
