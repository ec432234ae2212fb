/** What every painter of a product gives back. */
import type { Scene } from '../scene.ts'

export interface Painted {
  readonly scene: Scene
  /** Coverage `[h, w]` of the piece that was left out, or null if the part is whole. */
  readonly missing: Float32Array | null
}
