/**
 * PyTorch checkpoints: the zip archives of `torch.save` since 1.6, and the stream of pickles before it.
 *
 * Opening reads the pickle and checks every layout against the file; numbers are read tensor by tensor.
 * Little-endian only. Whole pickled modules and TorchScript archives are refused by the unpickler.
 */
import type { ByteSource } from './byte-source.ts'
import { createCheckpoint, type Checkpoint, type LazyTensor } from './checkpoint.ts'
import { elementBytes, elementSpan, readElements, tensorType } from './elements.ts'
import { printable, unreadable } from './fault.ts'
import { limits } from './limits.ts'
import { isDictionary, isSequence, readPickle } from './pickle.ts'
import {
  createTorchHost,
  nameTensors,
  type StorageRef,
  type TensorRef,
  type TorchValue,
} from './torch-pickle.ts'
import { openZip, type Zip, type ZipEntry } from './zip.ts'

/** Reads `length` bytes from byte `offset` of a storage. */
type StorageReader = (storage: StorageRef, offset: number, length: number) => Promise<Uint8Array>

/** Opens the zip form: `<name>/data.pkl`, and `<name>/data/<key>` for each storage. */
export async function openPytorchZip(source: ByteSource): Promise<Checkpoint> {
  const zip = await openZip(source)
  const root = findRoot(source, zip)
  const order = zip.entries.get(`${root}byteorder`)
  if (order !== undefined && order.size <= 16) {
    const text = new TextDecoder().decode(await zip.read(order))
    if (text !== 'little')
      throw unreadable(source.name, `its byte order is "${printable(text)}", not "little"`)
  }
  // findRoot looked for it.
  const pickle = zip.entries.get(`${root}data.pkl`)!
  if (pickle.size > limits.pickleBytes) throw unreadable(source.name, `its pickle has ${pickle.size} bytes`)

  const { host, storages } = createTorchHost(source.name)
  const result = readPickle(await zip.read(pickle), host, source.name)
  if (result.state === 'cut') throw unreadable(source.name, 'its pickle ends too early')

  const places = new Map<string, ZipEntry>()
  for (const storage of storages.values()) {
    const entry = zip.entries.get(`${root}data/${storage.key}`)
    if (entry === undefined)
      throw unreadable(source.name, `its storage "${printable(storage.key)}" is missing`)
    checkSize(source, storage, entry.size / elementBytes(storage.type))
    places.set(storage.key, entry)
  }
  return toCheckpoint('pytorch-zip', source, result.value, (storage, offset, length) =>
    zip.read(places.get(storage.key)!, offset, length),
  )
}

function findRoot(source: ByteSource, zip: Zip): string {
  const roots = [...zip.entries.keys()].filter((name) => /^([^/]+\/)?data\.pkl$/.test(name))
  const root = roots[0]
  if (root === undefined)
    throw unreadable(source.name, 'it is a zip archive without a data.pkl, not a checkpoint')
  if (roots.length > 1) throw unreadable(source.name, 'it holds more than one checkpoint')
  return root.slice(0, -'data.pkl'.length)
}

const legacyMagic = 0x1950a86a20f9469cfc6cn
const legacyProtocol = 1001

/** Opens the stream form: magic number, protocol, system, the object, storage keys, then each storage's numbers. */
export async function openPytorchLegacy(source: ByteSource): Promise<Checkpoint> {
  const { value, keys, storages, end } = await readLegacyPickles(source)
  const places = new Map<string, number>()
  let at = end
  for (const key of keys) {
    const storage = storages.get(key)
    if (storage === undefined)
      throw unreadable(source.name, `it stores "${printable(key)}", which its pickle does not know`)
    if (places.has(key)) throw unreadable(source.name, `it stores "${printable(key)}" twice`)
    const head = await source.read(at, 8)
    const count = Number(new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true))
    checkSize(source, storage, count)
    places.set(key, at + 8)
    at += 8 + count * elementBytes(storage.type)
    if (at > source.size) throw unreadable(source.name, `it is cut inside storage "${printable(key)}"`)
  }
  for (const key of storages.keys())
    if (!places.has(key)) throw unreadable(source.name, `its storage "${printable(key)}" is missing`)
  return toCheckpoint('pytorch-legacy', source, value, (storage, offset, length) =>
    source.read(places.get(storage.key)! + offset, length),
  )
}

interface LegacyPickles {
  readonly value: TorchValue
  readonly keys: readonly string[]
  readonly storages: ReadonlyMap<string, StorageRef>
  /** First byte behind the pickles. */
  readonly end: number
}

/** The pickles do not say how long they are: reads a piece of the file, and four times as much if that was short. */
async function readLegacyPickles(source: ByteSource): Promise<LegacyPickles> {
  const most = Math.min(source.size, limits.pickleBytes)
  for (let length = Math.min(most, 256 * 1024); ; length = Math.min(most, length * 4)) {
    const pickles = parseLegacyPickles(await source.read(0, length), source.name)
    if (pickles !== undefined) return pickles
    if (length === most) throw unreadable(source.name, 'its pickles end too early')
  }
}

/** Undefined when the bytes end first. */
function parseLegacyPickles(bytes: Uint8Array, path: string): LegacyPickles | undefined {
  const { host, storages } = createTorchHost(path)
  let end = 0
  const next = (): TorchValue | undefined => {
    const result = readPickle(bytes.subarray(end), host, path)
    if (result.state === 'cut') return undefined
    end += result.length
    return result.value
  }
  const magic = next()
  if (magic === undefined) return undefined
  if (magic !== legacyMagic) throw unreadable(path, 'it is a pickle, but not one that torch.save wrote')
  const protocol = next()
  if (protocol === undefined) return undefined
  if (protocol !== legacyProtocol) throw unreadable(path, 'its protocol is not 1001')
  const system = next()
  if (system === undefined) return undefined
  if (!isDictionary(system) || system.entries.get('little_endian') !== true)
    throw unreadable(path, 'it does not say that it is little-endian')
  const value = next()
  const keys = value === undefined ? undefined : next()
  if (value === undefined || keys === undefined) return undefined
  if (!isSequence(keys) || !keys.items.every((key) => typeof key === 'string'))
    throw unreadable(path, 'its storage keys are not a list of texts')
  return { value, keys: keys.items, storages, end }
}

function checkSize(source: ByteSource, storage: StorageRef, found: number): void {
  if (found !== storage.count)
    throw unreadable(
      source.name,
      `its storage "${printable(storage.key)}" has ${found} elements instead of ${storage.count}`,
    )
}

function toCheckpoint(
  format: 'pytorch-zip' | 'pytorch-legacy',
  source: ByteSource,
  root: TorchValue,
  read: StorageReader,
): Checkpoint {
  const lazy = new Map<string, LazyTensor>()
  for (const [name, ref] of nameTensors(root, source.name)) lazy.set(name, toLazy(ref, read))
  return createCheckpoint(format, source, lazy)
}

function toLazy({ storage, offset, shape, strides }: TensorRef, read: StorageReader): LazyTensor {
  const width = elementBytes(storage.type)
  return {
    dtype: tensorType(storage.type),
    shape,
    read: async () =>
      readElements(
        await read(storage, offset * width, elementSpan(shape, strides) * width),
        storage.type,
        shape,
        strides,
      ),
  }
}
