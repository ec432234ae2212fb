/** What a painter of a product takes and gives back. */
import type { Random } from '../../random.ts'
import type { SurfaceDefect } from '../defect/index.ts'
import type { Light, Scene } from '../scene.ts'

/** Defects in how a part is put together; the product itself knows how to paint them. */
export const assemblyDefects = ['missing', 'misplaced', 'thread-pull'] as const
export type AssemblyDefect = (typeof assemblyDefects)[number]

export interface PaintOptions {
  readonly width: number
  readonly height: number
  readonly light: Light
  /** Draws the part: its pose and everything that differs between good ones. */
  readonly random: Random
  /** Null for a part that is put together as it should be. */
  readonly fault: Fault | null
}

/** What is wrong with the assembly, and draws of its own for where and how much. */
export interface Fault {
  readonly kind: AssemblyDefect
  readonly random: Random
}

export interface Painted {
  readonly scene: Scene
  /** Coverage `[h, w]` of what is missing, out of place or pulled, or null if nothing is. */
  readonly altered: Float32Array | null
  /** Where a defect of the surface may be, for those that are at home on one piece and not on all of the body. */
  readonly homes?: Partial<Readonly<Record<SurfaceDefect, Float32Array>>>
}

/** Marks that the part has something else on top here, where no defect of its surface can be. */
export function hideBody(scene: Scene, i: number, coverage: number): void {
  scene.body[i] = scene.body[i]! * (1 - coverage)
}

/** Adds to a coverage what lies within it already. */
export function joinCoverage(altered: Float32Array | null, i: number, coverage: number): void {
  if (altered !== null && coverage > altered[i]!) altered[i] = coverage
}
