/** Pictures from what a user chose, dropped or pasted; a dropped folder is walked through. */
import type { NamedFile } from '../client/upload.ts'

export const pictureTypes = '.png,.jpg,.jpeg,.tif,.tiff,.bmp,.webp'

const isPicture = ({ name, file }: NamedFile): boolean =>
  /\.(?:png|jpe?g|tiff?|bmp|webp)$/i.test(name) || /^image\/(?:png|jpeg|tiff|bmp|webp)$/.test(file.type)

export function filesOfList(list: FileList | null): NamedFile[] {
  return [...(list ?? [])].map((file) => ({ name: file.name, file })).filter(isPicture)
}

/** Has to be called within the event, as the browser forgets what was dropped after it. */
export async function filesOfDrop(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  if (entries.length === 0) return filesOfList(transfer.files)
  const found = await Promise.all(entries.map(filesOfEntry))
  return found.flat().filter(isPicture)
}

async function filesOfEntry(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry instanceof FileSystemFileEntry) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ name: file.name, file }]
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return []
  const reader = entry.createReader()
  const found: NamedFile[] = []
  for (;;) {
    // It gives at most a hundred at a time, and nothing at the end.
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (portion.length === 0) return found
    found.push(...(await Promise.all(portion.map(filesOfEntry))).flat())
  }
}
