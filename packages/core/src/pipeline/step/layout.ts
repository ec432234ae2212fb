/**
 * Where the published steps keep their files: `<root>/<object>/<split>/...` in every tree.
 *
 * Public pictures lie under a label, `test_public/good`, in the trees of maps and masks too; what lies under
 * labels in other splits, as `validation/good`, lies flat there, as the reference has it. A tile is called like
 * its picture with one digit each for row and column behind it.
 */
import { readdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { AssayError, suggest } from '@assay/contract'
import type { StepName } from './event.ts'

export interface SplitFile {
  /** The folder below the split: `good`, `bad`; null for a file in the split itself. */
  readonly label: string | null
  /** Without extension. */
  readonly name: string
  readonly path: string
}

const truthFolder = 'ground_truth'
const pictureExtensions: ReadonlySet<string> = new Set(['.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff'])

/** Whether the reference would open a file of that name as a picture. */
export function isPicture(file: string): boolean {
  return pictureExtensions.has(extname(file).toLowerCase())
}

export function isMap(file: string): boolean {
  return extname(file) === '.tiff'
}

/**
 * The wanted objects below a tree that the step `before` has made, or all in plain order; PRODUCT_UNKNOWN for one
 * that is not there.
 */
export async function listObjects(
  root: string,
  wanted: readonly string[],
  before: StepName | null,
): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    if (before === null) throw new AssayError('DATA_NOT_FOUND', { path: root }, { cause: error })
    throw new AssayError('STEP_INPUT_MISSING', { path: root, step: before }, { cause: error })
  })
  const known = entries
    .filter((entry) => !entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort()
  for (const product of wanted)
    if (!known.includes(product))
      throw new AssayError('PRODUCT_UNKNOWN', { product, known, suggestion: suggest(product, known) })
  return wanted.length > 0 ? wanted : known
}

/** The files of a split that `accept` wants, label by label in plain order; none where there is no such split. */
export async function listSplit(
  root: string,
  object: string,
  split: string,
  accept: (file: string) => boolean,
): Promise<readonly SplitFile[]> {
  const folder = join(root, object, split)
  const listed = (await readFolder(folder)).filter((entry) => entry.name !== truthFolder)
  const files = (path: string, label: string | null, names: readonly string[]): SplitFile[] =>
    names
      .filter((name) => accept(name) && !name.startsWith('.'))
      .sort()
      .map((name) => ({ label, name: stemOf(name), path: join(path, name) }))
  const found = files(
    folder,
    null,
    listed.filter((entry) => entry.isFile()).map((entry) => entry.name),
  )
  for (const label of listed
    .filter((entry) => !entry.isFile())
    .map((entry) => entry.name)
    .sort()) {
    const path = join(folder, label)
    const names = (await readFolder(path)).filter((entry) => entry.isFile()).map((entry) => entry.name)
    found.push(...files(path, label, names))
  }
  return found
}

/** Where a map or mask of a file of a split lies, below the tree. */
export function outputPath(
  object: string,
  split: string,
  { label, name }: Pick<SplitFile, 'label' | 'name'>,
  extension: '.tiff' | '.png',
): string {
  const folder = split === 'test_public' && label !== null ? join(object, split, label) : join(object, split)
  return join(folder, `${name}${extension}`)
}

/** The mask of the truth of a public picture with a defect. */
export function truthPath(root: string, object: string, { label, name }: SplitFile): string {
  return join(root, object, 'test_public', truthFolder, label ?? '', `${name}_mask.png`)
}

/** As the reference cuts it: all before the first dot. */
export function stemOf(file: string): string {
  return file.split('.', 1)[0] ?? file
}

/** The picture that a tile of this name was cut from; null for another name. */
export function pictureOfTile(name: string): string | null {
  return /^(.+)_\d\d$/.exec(name)?.[1] ?? null
}

async function readFolder(path: string) {
  return readdir(path, { withFileTypes: true }).catch(() => [])
}
