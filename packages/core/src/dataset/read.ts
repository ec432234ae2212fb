/**
 * Reads a folder of pictures, or a list of them, as a dataset; finds out its layout unless told.
 *
 * Only names and lists are read, so this is quick; `describeDataset` opens the files. KolektorSDD is the
 * exception: nothing but the content of its labels tells good from defect. Anything not understood is listed
 * under `ignored`, never silently used.
 */
import type { Dataset, LayoutName } from './dataset.ts'
import { detectLayout, findLayout } from './layout/catalogue.ts'
import { openTree } from './tree.ts'

export interface ReadDatasetOptions {
  /** Only these products; one that is not there is refused with the nearest name. */
  readonly products?: readonly string[]
  /** Read as this and nothing else. */
  readonly layout?: LayoutName | undefined
}

/** Reads `root`. Refuses a folder without images; products without good images are left to the caller. */
export async function readDataset(root: string, options: ReadDatasetOptions = {}): Promise<Dataset> {
  const tree = await openTree(root)
  const { layout, detection } =
    options.layout === undefined
      ? await detectLayout(tree)
      : {
          layout: findLayout(options.layout),
          detection: { because: 'that was asked for', isPublished: true },
        }
  const reading = await layout.read(tree, options)
  return {
    root,
    layout: layout.name,
    because: detection.because,
    published: detection.isPublished ? layout.published : null,
    ...reading,
  }
}
