/**
 * An unpickler that can build plain containers and what its host allows, and nothing else.
 *
 * A pickle is a program for a small stack machine (the opcodes are listed in CPython's `pickletools`); the
 * danger lies in its calls of arbitrary Python functions. Here a name is looked up in the host's short list
 * the moment it is mentioned, and a stranger is refused by name. Opcodes that no binary PyTorch checkpoint
 * contains (protocol 0 text, sets, extension codes, out-of-band buffers) are left out.
 */
import { printable, refused, unreadable } from './fault.ts'
import { limits } from './limits.ts'

/** What a pickle can hold; `T` is what the host makes of allowed calls and of persistent identifiers. */
export type PickleValue<T> =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleSequence<T>
  | PickleDictionary<T>
  | PickleName
  | PickleMade<T>

export interface PickleSequence<T> {
  readonly kind: 'list' | 'tuple'
  readonly items: PickleValue<T>[]
}
export interface PickleDictionary<T> {
  readonly kind: 'dict' | 'ordered-dict'
  readonly entries: Map<string | number, PickleValue<T>>
}
export interface PickleName {
  readonly kind: 'name'
  readonly name: string
}
export interface PickleMade<T> {
  readonly kind: 'made'
  readonly value: T
}

export interface PickleHost<T> {
  /** Functions that may be called, by `module.name`. */
  readonly functions: ReadonlyMap<string, (args: readonly PickleValue<T>[]) => T>
  /** Names that may be mentioned but not called: types of storages. */
  readonly names: ReadonlySet<string>
  /** The thing outside the pickle that a persistent identifier stands for. */
  readonly persistent: (id: PickleValue<T>) => T
}

export type PickleResult<T> =
  | { readonly state: 'whole'; readonly value: PickleValue<T>; readonly length: number }
  /** The bytes end before the pickle does. */
  | { readonly state: 'cut' }

const orderedDict = 'collections.OrderedDict'

/** Reads one pickle from the start of `bytes`; `length` says how many bytes it took. `path` is for messages. */
export function readPickle<T>(bytes: Uint8Array, host: PickleHost<T>, path: string): PickleResult<T> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const text = new TextDecoder('utf-8', { fatal: true })
  const stack: PickleValue<T>[] = []
  /** Heights of the stack where a MARK was set; nothing below the last one can be popped. */
  const marks: number[] = []
  const memo = new Map<number, PickleValue<T>>()
  let at = 0
  let steps = 0
  let containers = 0

  const fault = (reason: string): Error => unreadable(path, `its pickle is damaged at byte ${at}: ${reason}`)
  const push = (value: PickleValue<T>): void => void stack.push(value)
  const pop = (): PickleValue<T> => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw fault('it takes more than it put')
    return stack.pop()!
  }
  const top = (): PickleValue<T> => {
    if (stack.length <= (marks.at(-1) ?? 0)) throw fault('it uses more than it put')
    return stack.at(-1)!
  }
  const popToMark = (): PickleValue<T>[] => {
    const mark = marks.pop()
    if (mark === undefined) throw fault('a mark is missing')
    return stack.splice(mark)
  }
  /** Moves on by `length` bytes and gives the place where they begin. */
  const take = (length: number): number => {
    if (length > limits.pickleBytes) throw fault(`a value of ${length} bytes`)
    if (at + length > bytes.length) throw cut
    at += length
    return at - length
  }
  const slice = (length: number): Uint8Array => {
    const start = take(length)
    return bytes.subarray(start, start + length)
  }
  const string = (length: number): string => {
    const raw = slice(length)
    try {
      return text.decode(raw)
    } catch {
      throw fault('text that is not UTF-8')
    }
  }
  const length64 = (): number => Number(view.getBigUint64(take(8), true))
  const line = (): string => {
    const end = bytes.subarray(at, at + limits.pickleNameBytes).indexOf(10)
    if (end >= 0) return string(end + 1).slice(0, -1)
    if (at + limits.pickleNameBytes > bytes.length) throw cut
    throw fault('a name without end')
  }
  const integer = (length: number): number | bigint => {
    if (length > limits.pickleIntegerBytes) throw fault(`a whole number of ${length} bytes`)
    const raw = slice(length)
    let value = 0n
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(raw[i]!)
    if (length > 0 && raw[length - 1]! >= 128) value -= 1n << BigInt(8 * length)
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  const spend = (amount: number): void => {
    steps += amount
    if (steps > limits.pickleOpcodes) throw fault(`more than ${limits.pickleOpcodes} steps`)
  }
  const count = (): void => {
    if (++containers > limits.pickleContainers) throw fault(`more than ${limits.pickleContainers} containers`)
  }
  const sequence = (kind: 'list' | 'tuple', items: PickleValue<T>[]): void => {
    count()
    push({ kind, items })
  }
  const dictionary = (kind: 'dict' | 'ordered-dict', items: readonly PickleValue<T>[]): void => {
    count()
    const made: PickleDictionary<T> = { kind, entries: new Map() }
    setItems(made, items)
    push(made)
  }
  const setItems = (target: PickleValue<T>, items: readonly PickleValue<T>[]): void => {
    if (!isDictionary(target) || items.length % 2 !== 0) throw fault('keys and values without a dictionary')
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i]!
      if (typeof key !== 'string' && typeof key !== 'number')
        throw fault('a dictionary key that is neither text nor a number')
      target.entries.set(key, items[i + 1]!)
    }
  }
  const append = (target: PickleValue<T>, items: readonly PickleValue<T>[]): void => {
    if (!isSequence(target) || target.kind !== 'list') throw fault('items without a list')
    for (const item of items) target.items.push(item)
  }
  const name = (module: PickleValue<T>, member: PickleValue<T>): void => {
    if (typeof module !== 'string' || typeof member !== 'string') throw fault('a name that is not text')
    const full = `${module}.${member}`
    if (full !== orderedDict && !host.functions.has(full) && !host.names.has(full)) throw refused(path, full)
    push({ kind: 'name', name: full })
  }
  const reduce = (): void => {
    const args = pop()
    const callee = pop()
    if (!isName(callee)) throw fault('a call of something that is not a name')
    if (!isSequence(args) || args.kind !== 'tuple') throw fault(`a call of ${callee.name} without arguments`)
    if (callee.name === orderedDict) {
      dictionary('ordered-dict', pairs(args.items))
      return
    }
    const call = host.functions.get(callee.name)
    if (call === undefined) throw refused(path, `${callee.name}(...)`)
    count()
    push({ kind: 'made', value: call(args.items) })
  }
  /** `OrderedDict()` and, from Python 2, `OrderedDict([[key, value], ...])`. */
  const pairs = (args: readonly PickleValue<T>[]): PickleValue<T>[] => {
    if (args.length === 0) return []
    const list = args[0]!
    if (args.length > 1 || !isSequence(list)) throw fault(`a call of ${orderedDict} with unknown arguments`)
    // One list can be handed over again and again; each time costs its length.
    spend(list.items.length)
    return list.items.flatMap((pair) => {
      if (!isSequence(pair) || pair.items.length !== 2) throw fault(`a call of ${orderedDict} without pairs`)
      return pair.items
    })
  }
  const build = (): void => {
    const state = pop()
    const target = top()
    // state_dict() hangs module versions on its OrderedDict as an attribute; nobody here needs them.
    if (!isDictionary(target) || target.kind !== 'ordered-dict' || !isDictionary(state))
      throw refused(path, `attributes of ${describe(target)}`)
  }
  const recall = (index: number): void => {
    const value = memo.get(index)
    if (value === undefined) throw fault(`memo ${index} is empty`)
    push(value)
  }

  try {
    for (;;) {
      spend(1)
      const opcode = view.getUint8(take(1))
      switch (opcode) {
        case 0x80: // PROTO
          if (view.getUint8(take(1)) > 5) throw fault('an unknown protocol')
          break
        case 0x95: // FRAME: a hint for readers from streams
          take(8)
          break
        case 0x2e: // STOP
          if (marks.length > 0 || stack.length !== 1) throw fault('it ends with an untidy stack')
          return { state: 'whole', value: pop(), length: at }

        case 0x28: // MARK
          marks.push(stack.length)
          break
        case 0x30: // POP
          if (marks.length > 0 && marks.at(-1) === stack.length) marks.pop()
          else pop()
          break
        case 0x31: // POP_MARK
          popToMark()
          break
        case 0x32: // DUP
          push(top())
          break

        case 0x4e: // NONE
          push(null)
          break
        case 0x88: // NEWTRUE
          push(true)
          break
        case 0x89: // NEWFALSE
          push(false)
          break
        case 0x4a: // BININT
          push(view.getInt32(take(4), true))
          break
        case 0x4b: // BININT1
          push(view.getUint8(take(1)))
          break
        case 0x4d: // BININT2
          push(view.getUint16(take(2), true))
          break
        case 0x8a: // LONG1
          push(integer(view.getUint8(take(1))))
          break
        case 0x8b: // LONG4
          push(integer(view.getUint32(take(4), true)))
          break
        case 0x47: // BINFLOAT
          push(view.getFloat64(take(8), false))
          break

        case 0x58: // BINUNICODE
        case 0x54: // BINSTRING, from Python 2
          push(string(view.getUint32(take(4), true)))
          break
        case 0x8c: // SHORT_BINUNICODE
        case 0x55: // SHORT_BINSTRING, from Python 2
          push(string(view.getUint8(take(1))))
          break
        case 0x8d: // BINUNICODE8
          push(string(length64()))
          break
        case 0x42: // BINBYTES
          push(slice(view.getUint32(take(4), true)))
          break
        case 0x43: // SHORT_BINBYTES
          push(slice(view.getUint8(take(1))))
          break
        case 0x8e: // BINBYTES8
          push(slice(length64()))
          break

        case 0x5d: // EMPTY_LIST
          sequence('list', [])
          break
        case 0x6c: // LIST
          sequence('list', popToMark())
          break
        case 0x61: {
          // APPEND
          const item = pop()
          append(top(), [item])
          break
        }
        case 0x65: {
          // APPENDS
          const items = popToMark()
          append(top(), items)
          break
        }
        case 0x29: // EMPTY_TUPLE
          sequence('tuple', [])
          break
        case 0x74: // TUPLE
          sequence('tuple', popToMark())
          break
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: {
          // TUPLE3
          const items: PickleValue<T>[] = []
          for (let i = 0x84; i < opcode; i++) items.unshift(pop())
          sequence('tuple', items)
          break
        }
        case 0x7d: // EMPTY_DICT
          dictionary('dict', [])
          break
        case 0x64: // DICT
          dictionary('dict', popToMark())
          break
        case 0x73: {
          // SETITEM
          const value = pop()
          const key = pop()
          setItems(top(), [key, value])
          break
        }
        case 0x75: {
          // SETITEMS
          const items = popToMark()
          setItems(top(), items)
          break
        }

        case 0x71: // BINPUT
          memo.set(view.getUint8(take(1)), top())
          break
        case 0x72: // LONG_BINPUT
          memo.set(view.getUint32(take(4), true), top())
          break
        case 0x94: // MEMOIZE
          memo.set(memo.size, top())
          break
        case 0x68: // BINGET
          recall(view.getUint8(take(1)))
          break
        case 0x6a: // LONG_BINGET
          recall(view.getUint32(take(4), true))
          break

        case 0x63: {
          // GLOBAL
          const module = line()
          name(module, line())
          break
        }
        case 0x93: {
          // STACK_GLOBAL
          const member = pop()
          name(pop(), member)
          break
        }
        case 0x52: // REDUCE
          reduce()
          break
        case 0x62: // BUILD
          build()
          break
        case 0x51: // BINPERSID
          count()
          push({ kind: 'made', value: host.persistent(pop()) })
          break

        // Ways to make objects that tensors do not need; named here so that the refusal can name them.
        case 0x69: {
          // INST
          const module = line()
          throw refused(path, `${module}.${line()}(...)`)
        }
        case 0x6f: // OBJ
          throw refused(path, 'a new object')
        case 0x81: // NEWOBJ
        case 0x92: // NEWOBJ_EX
          throw refused(path, 'a new object of a class')
        case 0x82: // EXT1
        case 0x83: // EXT2
        case 0x84: // EXT4
          throw refused(path, 'an extension of the pickle registry')

        default:
          throw fault(`the opcode 0x${opcode.toString(16).padStart(2, '0')} has no place in a checkpoint`)
      }
    }
  } catch (error) {
    if (error === cut) return { state: 'cut' }
    throw error
  }
}

/** Thrown when the bytes end too early, and caught above. */
const cut = new Error('internal: the pickle is cut')

export function isSequence<T>(value: PickleValue<T> | undefined): value is PickleSequence<T> {
  return isTagged(value) && (value.kind === 'list' || value.kind === 'tuple')
}

export function isDictionary<T>(value: PickleValue<T> | undefined): value is PickleDictionary<T> {
  return isTagged(value) && (value.kind === 'dict' || value.kind === 'ordered-dict')
}

export function isName<T>(value: PickleValue<T> | undefined): value is PickleName {
  return isTagged(value) && value.kind === 'name'
}

export function isMade<T>(value: PickleValue<T> | undefined): value is PickleMade<T> {
  return isTagged(value) && value.kind === 'made'
}

type Tagged<T> = PickleSequence<T> | PickleDictionary<T> | PickleName | PickleMade<T>

function isTagged<T>(value: PickleValue<T> | undefined): value is Tagged<T> {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
}

/** A value in a word or two, for a refusal. */
export function describe<T>(value: PickleValue<T> | undefined): string {
  if (typeof value === 'string') return `"${printable(value)}"`
  if (isName(value)) return value.name
  if (isTagged(value)) return value.kind === 'made' ? 'a tensor' : `a ${value.kind}`
  return value instanceof Uint8Array ? 'bytes' : String(value)
}
