/**
 * The worker in which Assay runs, so that a page stays alive while it thinks.
 *
 * It holds one open model. Calls are worked off one after the other; a stop reaches the one that runs.
 */
import { AssayError } from '@assay/contract'
import {
  decodeImage,
  openModel,
  outlineMask,
  paintHeatMap,
  toRgb8,
  trainPictures,
  type Image,
  type Inspector,
} from '@assay/core/browser'
import type {
  CallName,
  Calls,
  Fault,
  FromWorker,
  InspectRequest,
  OpenedModel,
  ShownInspection,
  ShownPicture,
  ToWorker,
  TrainedFile,
  TrainRequest,
} from './message.ts'

/** What a worker has and the library of pages does not describe. */
interface WorkerScope {
  postMessage(message: FromWorker, transfer: Transferable[]): void
  addEventListener(type: 'message', listener: (event: MessageEvent<ToWorker>) => void): void
}

const scope = globalThis as unknown as WorkerScope

let model: Inspector | undefined
let last: Promise<void> = Promise.resolve()
const running = new Map<number, AbortController>()

type Call = Extract<ToWorker, { type: 'call' }>

interface Context {
  readonly call: number
  readonly signal: AbortSignal
}

const work: {
  readonly [Name in CallName]: (
    takes: Calls[Name]['takes'],
    context: Context,
  ) => Promise<Calls[Name]['gives']>
} = {
  open,
  inspect,
  train,
  decode: async ({ name, bytes }) => showPicture(await decodeImage(bytes, { name })),
}

scope.addEventListener('message', ({ data }) => {
  if (data.type === 'stop') running.get(data.call)?.abort()
  else last = answer(data, last)
})

/** Does the work of a call when those before it are done. */
async function answer({ call, name, takes }: Call, before: Promise<void>): Promise<void> {
  const controller = new AbortController()
  running.set(call, controller)
  await before
  // The union pairs each name with what it takes.
  const task = work[name] as (takes: unknown, context: Context) => Promise<unknown>
  try {
    controller.signal.throwIfAborted()
    const gives = await task(takes, { call, signal: controller.signal })
    scope.postMessage({ type: 'done', call, gives }, buffersOf(gives))
  } catch (error) {
    scope.postMessage({ type: 'failed', call, fault: toFault(error) }, [])
  } finally {
    running.delete(call)
  }
}

async function open({ model: source, device, threads }: Calls['open']['takes']): Promise<OpenedModel> {
  await model?.[Symbol.asyncDispose]()
  model = undefined
  model = await openModel(typeof source === 'string' ? source : source.bytes, {
    device,
    ...(threads === null ? {} : { threads }),
  })
  const { card, device: found, leftOut } = model
  return { card, device: found, leftOut: leftOut === null ? null : toFault(leftOut) }
}

async function inspect({ picture, product }: InspectRequest, { signal }: Context): Promise<ShownInspection> {
  if (model === undefined) throw new Error('internal: no model is open')
  const started = performance.now()
  const { record, image, width, height, mask, calibratedMap } = await model.inspect(picture.bytes, {
    name: picture.name,
    signal,
    ...(product === null ? {} : { product }),
  })
  const milliseconds = performance.now() - started
  return {
    record,
    picture: showPicture(image),
    heat: clamped(paintHeatMap(calibratedMap, width, height)),
    outline: outlineMask(mask, width, height),
    milliseconds,
  }
}

async function train(request: TrainRequest, { call, signal }: Context): Promise<TrainedFile> {
  const { product, pictures, method, profile, device, threads } = request
  const training = trainPictures({
    products: [{ name: product, pictures }],
    method,
    profile,
    device,
    signal,
    ...(threads === null ? {} : { threads }),
  })
  let state = await training.next()
  while (state.done !== true) {
    scope.postMessage({ type: 'event', call, event: state.value }, [])
    state = await training.next()
  }
  const { bytes, card, seconds } = state.value
  // Written a moment ago into memory of its own.
  return { bytes: bytes as Uint8Array<ArrayBuffer>, card, seconds }
}

function showPicture(image: Image): ShownPicture {
  const { pixels: rgb, width, height } = toRgb8(image)
  const pixels = new Uint8ClampedArray(width * height * 4)
  for (let i = 0, o = 0; i < rgb.length; i += 3, o += 4) {
    pixels[o] = rgb[i]!
    pixels[o + 1] = rgb[i + 1]!
    pixels[o + 2] = rgb[i + 2]!
    pixels[o + 3] = 255
  }
  return { width, height, pixels }
}

function clamped({ buffer, byteOffset, length }: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  // Painted a moment ago into memory of its own.
  return new Uint8ClampedArray(buffer as ArrayBuffer, byteOffset, length)
}

/** Large arrays are handed over instead of copied. */
function buffersOf(value: unknown): Transferable[] {
  if (value instanceof Uint8ClampedArray) return [value.buffer as ArrayBuffer]
  if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return []
  return Object.values(value).flatMap(buffersOf)
}

function toFault(error: unknown): Fault {
  if (error instanceof AssayError) return { code: error.code, message: error.message, hint: error.hint }
  if (error instanceof DOMException && error.name === 'AbortError')
    return { code: 'INTERRUPTED', message: 'Stopped.', hint: '' }
  const message = error instanceof Error ? error.message : String(error)
  return { code: null, message, hint: 'This is a fault of Assay: please report it.' }
}
