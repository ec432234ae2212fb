/** What every weights reader gives back: tensors by name, each read when it is asked for. */
import { suggest } from '@assay/contract'
import type { DType, Tensor } from '@assay/graph'

import type { ByteSource } from './byte-source.ts'
import { printable, unreadable } from './fault.ts'

export type CheckpointFormat = 'pytorch-zip' | 'pytorch-legacy' | 'safetensors' | 'onnx'

interface TensorInfo {
  /** The type `tensor` will have: bfloat16 arrives as float32. */
  readonly dtype: DType
  readonly shape: readonly number[]
}

/** An open weights file. Close it with `await using`. */
export interface Checkpoint extends AsyncDisposable {
  /** Path or given name, for messages. */
  readonly path: string
  readonly format: CheckpointFormat
  /** Size of the file. */
  readonly fileBytes: number
  /** False when some of the numbers lie in other files beside this one (ONNX only). */
  readonly isSelfContained: boolean
  /** Names in the file's order; nested dictionaries and lists are joined with dots (`state_dict.conv.weight`). */
  names(): readonly string[]
  has(name: string): boolean
  /** Type and shape without reading the numbers. An unknown name is WEIGHTS_UNREADABLE. */
  info(name: string): TensorInfo
  /** Reads one tensor; the data is the caller's own. */
  tensor(name: string): Promise<Tensor>
  /** Free text that the file carries about itself (safetensors only). */
  readonly metadata: Readonly<Record<string, string>>
}

/** A tensor whose place and layout have been checked, but whose numbers are still in the file. */
export interface LazyTensor extends TensorInfo {
  readonly read: () => Promise<Tensor>
}

interface CheckpointOptions {
  readonly metadata?: Readonly<Record<string, string>>
  readonly isSelfContained?: boolean
}

/** Wraps checked tensors; the checkpoint owns `source` from here on. */
export function createCheckpoint(
  format: CheckpointFormat,
  source: ByteSource,
  tensors: ReadonlyMap<string, LazyTensor>,
  options: CheckpointOptions = {},
): Checkpoint {
  const { metadata = {}, isSelfContained = true } = options
  const find = (name: string): LazyTensor => {
    const found = tensors.get(name)
    if (found !== undefined) return found
    const near = suggest(name, [...tensors.keys()])
    const hint = near === undefined ? '' : `; the nearest is "${printable(near)}"`
    throw unreadable(source.name, `it has no tensor "${printable(name)}"${hint}`)
  }
  return {
    path: source.name,
    format,
    fileBytes: source.size,
    isSelfContained,
    metadata,
    names: () => [...tensors.keys()],
    has: (name) => tensors.has(name),
    info: (name) => {
      const { dtype, shape } = find(name)
      return { dtype, shape }
    },
    tensor: async (name) => find(name).read(),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  }
}
