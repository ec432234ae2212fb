/**
 * Pictures of a job as a data set that core reads: a list with the place of every file. Nothing is copied or linked,
 * so it works on every file system and costs nothing.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TaskImage } from './message.ts'

export interface Material {
  /** Path of the list. */
  readonly data: string
  /** The picture at a path of the list. */
  imageAt(path: string): TaskImage
  /** A text with the names of pictures in place of where the store keeps them. */
  rename(text: string): string
}

const splits = { train: 'train', 'hold-out': 'validation', test: 'test' } as const

/** Writes `<folder>/<list>.jsonl`, unless an earlier attempt has. */
export async function writeMaterial(
  folder: string,
  list: string,
  product: string,
  images: readonly TaskImage[],
): Promise<Material> {
  const data = join(folder, `${list}.jsonl`)
  const rows = images.map(({ path, use, label, defect, mask }) =>
    JSON.stringify({
      image: path,
      split: splits[use],
      label: label === 'good' ? 'good' : (defect ?? 'defect'),
      product,
      mask: label === 'defect' ? mask : null,
    }),
  )
  const text = `${rows.join('\n')}\n`
  if ((await readFile(data, 'utf8').catch(() => null)) !== text) await writeFile(data, text)
  const known = new Map(images.map((image) => [image.path, image]))
  return {
    data,
    imageAt: (path) => {
      const image = known.get(path)
      if (image === undefined) throw new Error(`internal: no picture of the task lies at ${path}`)
      return image
    },
    rename: (text) => {
      let renamed = text
      for (const { path, name } of images)
        if (renamed.includes(path)) renamed = renamed.replaceAll(path, name)
      return renamed
    },
  }
}
