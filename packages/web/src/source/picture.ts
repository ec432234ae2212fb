/** Pictures as people bring them: files chosen, dropped (folders too), pasted or drawn on a canvas. */
import type { NamedBytes } from '../worker/message.ts'

/** What can become the bytes of a picture file. A canvas becomes a PNG, which keeps its pixels. */
export type PictureLike = Blob | Uint8Array | HTMLCanvasElement

export const pictureTypes = '.png,.jpg,.jpeg,.tif,.tiff,.bmp,.webp'

export async function toNamedBytes(source: PictureLike, name?: string): Promise<NamedBytes> {
  if (source instanceof Uint8Array) return { name: name ?? 'picture', bytes: Uint8Array.from(source) }
  if (source instanceof HTMLCanvasElement)
    return { name: name ?? 'canvas.png', bytes: await bytesOf(await encode(source)) }
  const own = source instanceof File ? source.name : 'picture'
  return { name: name ?? own, bytes: await bytesOf(source) }
}

/** The files of a drop, those in folders included, in the order of their names. */
export async function filesOf(data: DataTransfer): Promise<File[]> {
  // Entries have to be taken before anything is awaited: afterwards the list is empty.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry())
  const files = [...data.files]
  if (!entries.some((entry) => entry?.isDirectory === true)) return files
  const found: File[] = []
  for (const entry of entries) if (entry !== null) await collect(entry, found)
  return found.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
}

/** Whether a file looks like a model; everything else is taken for a picture and judged by its content. */
export function isModel(file: File): boolean {
  return file.name.toLowerCase().endsWith('.onnx')
}

async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await blob.arrayBuffer())
}

function encode(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('This canvas is empty or too large to be read.'))
      else resolve(blob)
    }, 'image/png')
  })
}

async function collect(entry: FileSystemEntry, found: File[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    )
    if (!file.name.startsWith('.')) found.push(file)
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A directory comes in parts, the last of which is empty.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (part.length === 0) return
    for (const child of part) await collect(child, found)
  }
}
