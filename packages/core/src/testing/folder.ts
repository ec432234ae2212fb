/** A temporary folder that goes away with its scope. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface TestFolder extends AsyncDisposable {
  readonly path: string
  /** A path inside. */
  at(...parts: string[]): string
  /** Writes a file, with the folders above it, and returns its path. */
  write(name: string, content: Uint8Array | string): Promise<string>
}

export async function createTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'assay-test-'))
  return {
    path,
    at: (...parts) => join(path, ...parts),
    write: async (name, content) => {
      const file = join(path, name)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content)
      return file
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
