/** Readers of weights files and the list of published ones; `cache` has the files on this machine. */
export { openCheckpoint } from './open.ts'
export type { Checkpoint, CheckpointFormat } from './checkpoint.ts'
export { writeSafetensors } from './safetensors.ts'
export { openByteSource } from './byte-source.ts'
export { openZip } from './zip.ts'
export {
  fileNameOf,
  findPublished,
  missingWeights,
  publishedWeights,
  type PublishedWeights,
} from './catalogue.ts'
