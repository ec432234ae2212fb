/** Writes the generated pages of the reference: `npx node tools/docs/generate.ts`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { referencePages } from './pages.ts'

const root = join(import.meta.dirname, '../..')
for (const [path, render] of Object.entries(referencePages)) {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), render())
  console.log(path)
}
