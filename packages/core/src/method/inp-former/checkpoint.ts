/**
 * Reads `model.pth` of INP-Former and RoBiS: the trained head, and the frozen encoder that lies beside it.
 *
 * The sizes of the head are read off its tensors. What the file does not say is how many groups the maps are
 * averaged in; the references always take two.
 */
import { AssayError } from '@assay/contract'
import { toNumbers, type Tensor } from '@assay/graph'
import type { Checkpoint } from '../../weights/index.ts'
import { parameterShapes, type HeadPlan } from './head.ts'

export interface PublishedHead {
  readonly plan: HeadPlan
  /** Float32, by the names of `parameterShapes`. */
  readonly tensors: Readonly<Record<string, Tensor>>
  /** The encoder's part of the same file under the names of its own published weights; open as long as the file. */
  readonly encoder: Checkpoint
}

const encoderPrefix = 'encoder.'
/** What training scripts put around a state dict, among it DataParallel's `module.`. */
const wrapping = /^(?:(?:state_dict|model|module)\.)*$/
const groups = 2
/** So many faults are told one by one. */
const told = 3

/** Throws WEIGHTS_UNSUITABLE with the first names that are missing, differ or are too many. */
export async function readPublishedHead(file: Checkpoint): Promise<PublishedHead> {
  const checkpoint = unwrap(file)
  const plan = planOf(checkpoint)
  const shapes = parameterShapes(plan)
  const own = checkpoint.names().filter((name) => !name.startsWith(encoderPrefix))
  const faults = [
    ...Array.from(shapes, ([name, shape]) => faultOf(checkpoint, name, shape)),
    ...own.filter((name) => !shapes.has(name)).map((name) => `"${name}" belongs to no head`),
  ].filter((fault) => fault !== null)
  if (faults.length > 0) throw unsuitable(file, faults)
  const tensors: Record<string, Tensor> = {}
  for (const [name, shape] of shapes) {
    const tensor = await checkpoint.tensor(name)
    tensors[name] = { dtype: 'float32', shape, data: Float32Array.from(toNumbers(tensor)) }
  }
  return { plan, tensors, encoder: under(checkpoint, encoderPrefix) }
}

function unwrap(file: Checkpoint): Checkpoint {
  const prefix = file
    .names()
    .filter((name) => name.endsWith('prototype_token'))
    .map((name) => name.slice(0, -'prototype_token'.length))
    .find((before) => wrapping.test(before))
  if (prefix === undefined) throw unsuitable(file, ['it has no "prototype_token"'])
  return under(file, prefix)
}

function planOf(checkpoint: Checkpoint): HeadPlan {
  const [prototypes = 0, width = 0] = checkpoint.info('prototype_token').shape
  const scale = 'decoder.0.attn.learn_scale'
  if (!checkpoint.has(scale)) throw unsuitable(checkpoint, [`it has no "${scale}"`])
  const [heads = 0] = checkpoint.info(scale).shape
  const numbers = checkpoint.names().map((name) => Number(/^decoder\.(\d+)\./.exec(name)?.[1] ?? -1))
  return { width, heads, blocks: Math.max(...numbers) + 1, prototypes, groups }
}

function faultOf(checkpoint: Checkpoint, name: string, shape: readonly number[]): string | null {
  if (!checkpoint.has(name)) return `it has no "${name}"`
  const found = checkpoint.info(name)
  const isFloat = found.dtype === 'float32' || found.dtype === 'float16'
  if (isFloat && found.shape.join() === shape.join()) return null
  return `"${name}" is ${found.dtype} [${found.shape.join(', ')}] instead of float32 [${shape.join(', ')}]`
}

function unsuitable({ path }: Checkpoint, faults: readonly string[]): AssayError {
  const more = faults.length > told ? ` and ${faults.length - told} more` : ''
  return new AssayError('WEIGHTS_UNSUITABLE', {
    path,
    wanted: 'the weights of INP-Former',
    reason: `${faults.slice(0, told).join('; ')}${more}`,
  })
}

/** The part of a file whose names begin with `prefix`, without it. */
function under(file: Checkpoint, prefix: string): Checkpoint {
  if (prefix === '') return file
  const names = file
    .names()
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
  return {
    ...file,
    names: () => names,
    has: (name) => file.has(prefix + name),
    info: (name) => file.info(prefix + name),
    tensor: (name) => file.tensor(prefix + name),
  }
}
