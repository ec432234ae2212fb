/**
 * Makes the picture of one part from a seed, whole or with one defect and its exact mask.
 *
 * Part, light, camera noise and defect draw from streams of their own: the same seed with and without a
 * defect is the same part, photographed twice alike, so the two pictures differ only at the defect and in
 * the shade it throws. The same seed at another resolution is the same part seen finer or coarser. Equal
 * options give equal bytes on every machine. For demos and tests; no substitute for pictures of real parts.
 */
import { createRandom } from '../random.ts'
import { drawLight, photograph } from './camera.ts'
import { defaceScene, type SurfaceDefect, surfaceDefects } from './defect/index.ts'
import { assemblyDefects, type Painted, type PartProduct, products } from './product/index.ts'

/**
 * `missing` is a piece left out: a thread, a rivet, a tablet, a component, a screw. `misplaced` is one that is
 * elsewhere.
 */
export const partDefects = [...surfaceDefects, ...assemblyDefects] as const
export type PartDefect = (typeof partDefects)[number]

export interface PartOptions {
  readonly product: PartProduct
  readonly width: number
  readonly height: number
  /** Names the part: its pose, its unevenness, the light and the noise. */
  readonly seed: number
  /** One of `defectsOf(product)`. */
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
export const smallestPart = 48

/** The defects that a product can have. */
export function defectsOf(product: PartProduct): readonly PartDefect[] {
  return products[product].defects
}

export function synthesisePart(options: PartOptions): Part {
  const { product, width, height, seed, defect } = options
  if (!Number.isInteger(width) || !Number.isInteger(height) || Math.min(width, height) < smallestPart)
    throw new Error(
      `internal: a synthetic part of ${width} x ${height}; each side needs ${smallestPart} or more`,
    )
  if (defect !== undefined && !defectsOf(product).includes(defect))
    throw new Error(`internal: a ${product} has no ${defect}`)
  const light = drawLight(createRandom(seed, product, 'light'))
  const wrong = createRandom(seed, product, 'defect', defect ?? 'none')
  const assembly = assemblyDefects.find((kind) => kind === defect)
  const surface = surfaceDefects.find((kind) => kind === defect)
  const fault = assembly === undefined ? null : { kind: assembly, random: wrong }
  const paint = (width: number, height: number): Painted =>
    products[product].paint({ width, height, light, random: createRandom(seed, product, 'part'), fault })
  const painted = paint(width, height)
  const { scene } = painted
  let coverage = painted.altered
  if (surface !== undefined) {
    const shrink = sketchSide / Math.min(width, height)
    const small = { width: Math.round(width * shrink), height: Math.round(height * shrink) }
    const ground = { ...small, body: homeOf(surface, paint(small.width, small.height)) }
    coverage = defaceScene({ scene: { ...scene, body: homeOf(surface, painted) }, ground }, surface, wrong)
  }
  const image = photograph(scene, light, createRandom(seed, product, 'camera'))
  const mask = new Uint8Array(width * height)
  if (coverage !== null) for (let i = 0; i < mask.length; i++) mask[i] = coverage[i]! >= 0.5 ? 255 : 0
  return { width, height, image, mask }
}

/** Pixels of the shorter side of the sketch on which defects are placed. */
const sketchSide = 128

function homeOf(surface: SurfaceDefect, { scene, homes }: Painted): Float32Array {
  return homes?.[surface] ?? scene.body
}
