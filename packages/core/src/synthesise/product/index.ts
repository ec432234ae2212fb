/** The products and which defects each can have. A wooden board has no piece to miss, cloth does not crack. */
import type { SurfaceDefect } from '../defect/index.ts'
import { paintBlister } from './blister.ts'
import { paintBoard } from './board.ts'
import { paintFabric } from './fabric.ts'
import { paintFlange } from './flange.ts'
import { paintMetal } from './metal.ts'
import type { AssemblyDefect, Painted, PaintOptions } from './product.ts'
import { paintWood } from './wood.ts'

export { assemblyDefects, type Painted } from './product.ts'

export const partProducts = ['fabric', 'metal', 'wood', 'blister', 'board', 'flange'] as const
export type PartProduct = (typeof partProducts)[number]

interface Product {
  readonly paint: (options: PaintOptions) => Painted
  readonly defects: readonly (SurfaceDefect | AssemblyDefect)[]
}

const onAnySurface = ['scratch', 'crack', 'stain', 'hole', 'discolouration'] as const

export const products: Readonly<Record<PartProduct, Product>> = {
  fabric: {
    paint: paintFabric,
    defects: ['stain', 'hole', 'discolouration', 'missing', 'misplaced', 'thread-pull'],
  },
  metal: { paint: paintMetal, defects: [...onAnySurface, 'missing', 'misplaced'] },
  wood: { paint: paintWood, defects: onAnySurface },
  blister: { paint: paintBlister, defects: [...onAnySurface, 'missing', 'misplaced'] },
  board: { paint: paintBoard, defects: [...onAnySurface, 'missing', 'misplaced'] },
  flange: { paint: paintFlange, defects: [...onAnySurface, 'missing', 'misplaced'] },
}
