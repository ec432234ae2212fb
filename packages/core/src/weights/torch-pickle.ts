/**
 * What a pickle written by `torch.save` may ask for: storages, the two functions that make tensors of them,
 * and containers. The result is a list of layouts; no number is read here.
 *
 * Left out on purpose: sparse and quantised tensors, tensor subclasses, whole pickled modules.
 */
import { countElements, elementSpan, type StoredType } from './elements.ts'
import { printable, refused, unreadable } from './fault.ts'
import { limits } from './limits.ts'
import {
  describe,
  isDictionary,
  isMade,
  isName,
  isSequence,
  type PickleHost,
  type PickleValue,
} from './pickle.ts'

/** A flat run of `count` elements under a key of the file. */
export interface StorageRef {
  readonly kind: 'storage'
  readonly key: string
  readonly type: StoredType
  readonly count: number
}

/** A view of a storage; offset and strides count elements. It lies inside the storage. */
export interface TensorRef {
  readonly kind: 'tensor'
  readonly storage: StorageRef
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]
}

export type TorchObject = StorageRef | TensorRef
export type TorchValue = PickleValue<TorchObject>

const storageTypes: ReadonlyMap<string, StoredType> = new Map([
  ['torch.FloatStorage', 'float32'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
])

/** The host for one file. `storages` fills while its pickle is read. */
export function createTorchHost(path: string): {
  readonly host: PickleHost<TorchObject>
  readonly storages: ReadonlyMap<string, StorageRef>
} {
  const storages = new Map<string, StorageRef>()
  const host: PickleHost<TorchObject> = {
    names: new Set(storageTypes.keys()),
    functions: new Map([
      ['torch._utils._rebuild_tensor_v2', (args: readonly TorchValue[]) => rebuildTensor(args, path)],
      ['torch._utils._rebuild_parameter', (args: readonly TorchValue[]) => rebuildParameter(args, path)],
    ]),
    persistent(id) {
      const storage = readStorageId(id, path)
      const known = storages.get(storage.key)
      if (known === undefined) storages.set(storage.key, storage)
      else if (known.type !== storage.type || known.count !== storage.count)
        throw unreadable(path, `its storage "${printable(storage.key)}" is declared in two ways`)
      return known ?? storage
    },
  }
  return { host, storages }
}

/** Tensors by dotted name, in the order of the file. Values that are not tensors are passed over. */
export function nameTensors(root: TorchValue, path: string): Map<string, TensorRef> {
  const tensors = new Map<string, TensorRef>()
  let walked = 0
  const walk = (value: TorchValue, name: string, depth: number): void => {
    // A pickle can nest a thing in itself, or a few things in each other a billion times.
    if (++walked > limits.walkedValues)
      throw unreadable(path, `it holds more than ${limits.walkedValues} values`)
    if (depth > limits.nesting) throw unreadable(path, `it is nested deeper than ${limits.nesting} levels`)
    if (name.length > limits.tensorNameLength)
      throw unreadable(path, `the name "${printable(name)}" is too long`)
    if (isMade(value)) {
      if (value.value.kind === 'storage') return
      if (tensors.has(name)) throw unreadable(path, `it has two tensors "${printable(name)}"`)
      tensors.set(name, value.value)
    } else if (isDictionary(value)) {
      for (const [key, item] of value.entries) walk(item, join(name, String(key)), depth + 1)
    } else if (isSequence(value)) {
      value.items.forEach((item, i) => walk(item, join(name, String(i)), depth + 1))
    }
  }
  walk(root, '', 0)
  return tensors
}

const join = (prefix: string, name: string): string => (prefix === '' ? name : `${prefix}.${name}`)

/** `('storage', type, key, location, count)`; legacy files add a sixth part that is None. */
function readStorageId(id: TorchValue, path: string): StorageRef {
  const fault = (reason: string): Error =>
    unreadable(path, `its pickle names a storage that cannot be: ${reason}`)
  if (!isSequence(id) || id.items.length < 5 || id.items.length > 6 || id.items[0] !== 'storage')
    throw fault(`the identifier is ${describe(id)}`)
  const [, type, key, , count, view] = id.items
  const stored = isName(type) ? storageTypes.get(type.name) : undefined
  if (stored === undefined) throw fault(`its type is ${describe(type)}`)
  if (typeof key !== 'string') throw fault(`its key is ${describe(key)}`)
  if (!isIndex(count)) throw fault(`its length is ${describe(count)}`)
  if (view !== undefined && view !== null)
    throw fault('views of storages, as before PyTorch 0.4, are not read')
  return { kind: 'storage', key, type: stored, count }
}

/** `(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])` */
function rebuildTensor(args: readonly TorchValue[], path: string): TensorRef {
  const fault = (reason: string): Error =>
    unreadable(path, `its pickle makes a tensor that cannot be: ${reason}`)
  const [storage, offset, size, stride, , , metadata] = args
  if (args.length < 4 || args.length > 7) throw fault(`${args.length} arguments`)
  if (!isMade(storage) || storage.value.kind !== 'storage') throw fault(`its storage is ${describe(storage)}`)
  if (!isIndex(offset)) throw fault(`its offset is ${describe(offset)}`)
  const shape = readIndices(size)
  const strides = readIndices(stride)
  if (shape === undefined || strides === undefined || shape.length !== strides.length)
    throw fault('its size and strides are not two tuples of the same length')
  // A lazily conjugated or negated tensor; its numbers are not the ones that are stored.
  if (metadata !== undefined && metadata !== null) throw refused(path, 'a tensor with metadata')

  const count = countElements(shape)
  const { count: available, key } = storage.value
  if (offset + elementSpan(shape, strides) > available)
    throw fault(
      `shape [${shape.join(', ')}] reaches outside storage "${printable(key)}" of ${available} elements`,
    )
  if (count > available && count > limits.expandedElements)
    throw fault(`shape [${shape.join(', ')}] repeats ${available} elements ${count / available} times`)
  return { kind: 'tensor', storage: storage.value, offset, shape, strides }
}

/** `(data, requires_grad, backward_hooks)` */
function rebuildParameter(args: readonly TorchValue[], path: string): TensorRef {
  const data = args[0]
  if (!isMade(data) || data.value.kind !== 'tensor')
    throw unreadable(path, `its pickle makes a parameter of ${describe(data)}`)
  return data.value
}

function readIndices(value: TorchValue | undefined): readonly number[] | undefined {
  if (!isSequence(value) || value.kind !== 'tuple' || value.items.length > limits.dimensions) return undefined
  return value.items.every(isIndex) ? value.items : undefined
}

function isIndex(value: TorchValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
