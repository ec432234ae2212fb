/** The file of a request that has exactly one. */
import { AssayError } from '@assay/contract'
import type { Staged } from '../../blob/index.ts'
import type { Upload } from '../call.ts'

export interface OnlyFile {
  readonly name: string
  readonly staged: Staged
  /** For faults that name the path at which the file lies: they call it as the client does. */
  readonly renameFault: (error: unknown) => never
}

export function onlyFile({ files: [file] }: Upload): OnlyFile {
  if (file === undefined || file.staged === null)
    throw new Error('internal: an upload of one file without it')
  const { name, staged } = file
  return {
    name,
    staged,
    renameFault: (error) => {
      if (!(error instanceof AssayError)) throw error
      const known: AssayError = error
      if (!('path' in known.params)) throw error
      // The same code with the same parameters; only one text is another.
      throw new AssayError(known.code, { ...known.params, path: name }, { cause: error })
    },
  }
}
