/** What a layout is: how it is recognised, how it is read, and what was published about it. */
import type { Dataset, LayoutName } from '../dataset.ts'
import type { PublishedSet } from '../published/index.ts'
import type { Tree } from '../tree.ts'

export interface Layout {
  readonly name: LayoutName
  /** As people call it: `MVTec AD 2`. */
  readonly title: string
  readonly published: PublishedSet | null
  /** Whether `assay data convert` brings it into the MVTec AD layout. */
  readonly isConvertible: boolean
  /** Null if the tree is not of this layout. */
  detect(tree: Tree): Promise<Detection | null>
  /** Reads the tree, whether it was detected or not; refuses one that does not hold what the layout needs. */
  read(tree: Tree, options: ReadOptions): Promise<Reading>
}

export interface Detection {
  /** What speaks for it, to be read after "because": `it has a folder MT_Free`. */
  readonly because: string
  /** True if the names say that it is the published set, not only laid out like it. */
  readonly isPublished: boolean
}

export interface ReadOptions {
  /** Only these products; one that is not there is refused with the nearest name. */
  readonly products?: readonly string[]
}

/** What a layout makes of a tree. */
export type Reading = Pick<Dataset, 'products' | 'ignored'>
