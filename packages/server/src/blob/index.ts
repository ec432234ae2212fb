/** Files by their hash, in a folder or an object store. */
export type { BlobStore, Staged } from './blob.ts'
export { openFolderBlobs } from './folder.ts'
export { openBlobs } from './open.ts'
export { sweepBlobs } from './sweep.ts'
