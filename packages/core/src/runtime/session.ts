/**
 * Warm onnxruntime sessions over the tensors of `@assay/graph`.
 *
 * The only place that knows onnxruntime; `engine` is where Node and browsers differ. A session is created once and run many times; a stateful
 * session feeds chosen outputs back as inputs, and on a GPU that state never leaves the device.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { createGraph, writeOnnx, type DType, type Tensor, type TensorData } from '@assay/graph'
import * as ort from 'onnxruntime-common'
import { createSession } from '#engine'
import type { Device } from './device.ts'
import type { ModelSource } from './engine/engine.ts'

export type Feeds = Readonly<Record<string, Tensor>>

/** Version of the runtime, which is the same in Node and in browsers. */
export const runtimeVersion: string = ort.env.versions.common

export interface Session extends AsyncDisposable {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /** Runs once and returns the named outputs (all of them by default). */
  run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Tensor>>
}

export interface StatefulSession extends AsyncDisposable {
  /** Runs once: feeds plus the kept state in, state replaced, the other outputs returned. */
  step(feeds: Feeds): Promise<Record<string, Tensor>>
  /** A copy of the state, by input name. */
  readState(): Promise<Record<string, Tensor>>
}

/** Opens a model. `what` names it in errors. Throws RUN_FAILED when the runtime refuses it. */
export async function openSession(model: ModelSource, device: Device, what: string): Promise<Session> {
  const session = await create(model, device, what, {})
  let closed: Promise<void> | undefined
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: async (feeds, outputs) => {
      const results = await guarded(what, () =>
        session.run(toOrtFeeds(feeds), outputs ?? session.outputNames),
      )
      return fromOrtResults(results)
    },
    [Symbol.asyncDispose]: () => (closed ??= session.release()),
  }
}

/**
 * Opens a model whose state loops: `loop` maps an input name to the output that replaces it after each
 * step; `initial` gives the first values by input name.
 */
export async function openStatefulSession(
  model: ModelSource,
  device: Device,
  what: string,
  loop: Readonly<Record<string, string>>,
  initial: Feeds,
): Promise<StatefulSession> {
  const onDevice = device.name === 'webgpu'
  const location = onDevice
    ? {
        preferredOutputLocation: Object.fromEntries(
          Object.values(loop).map((name) => [name, 'gpu-buffer' as const]),
        ),
      }
    : {}
  const session = await create(model, device, what, location)
  let state = toOrtFeeds(initial)
  const kept = new Set(Object.values(loop))
  let closed: Promise<void> | undefined
  return {
    step: async (feeds) => {
      const results = await guarded(what, () => session.run({ ...toOrtFeeds(feeds), ...state }))
      const next: Record<string, ort.Tensor> = {}
      for (const [input, output] of Object.entries(loop)) {
        const value = results[output]
        if (value === undefined) throw new Error(`internal: ${what} has no output ${output}`)
        next[input] = value
      }
      if (onDevice) for (const old of Object.values(state)) if (old.location === 'gpu-buffer') old.dispose()
      state = next
      const rest = Object.entries(results).filter(([name]) => !kept.has(name))
      return fromOrtResults(Object.fromEntries(rest))
    },
    readState: async () => (onDevice ? downloadState(state, device) : fromOrtResults(state)),
    [Symbol.asyncDispose]: () => (closed ??= session.release()),
  }
}

async function create(
  model: ModelSource,
  device: Device,
  what: string,
  options: ort.InferenceSession.SessionOptions,
): Promise<ort.InferenceSession> {
  const all: ort.InferenceSession.SessionOptions = {
    graphOptimizationLevel: 'all',
    // Faults reach the caller as exceptions; the native log would repeat them on stderr.
    logSeverityLevel: 4,
    ...options,
  }
  return guarded(what, () => createSession(model, device, all))
}

async function guarded<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw new AssayError('RUN_FAILED', { what, reason: reasonOf(error) }, { cause: error })
  }
}

/** Values on the GPU are read through a session that copies them: reading them directly crashes onnxruntime 1.30. */
async function downloadState(
  state: Record<string, ort.Tensor>,
  device: Device,
): Promise<Record<string, Tensor>> {
  const g = createGraph('download')
  for (const [name, tensor] of Object.entries(state))
    g.output(`${name}.copy`, g.stopGradient(g.input(name, fromOrtType(tensor.type), tensor.dims)))
  const session = await create(writeOnnx(g.build()), device, 'reading training state', {})
  try {
    const results = fromOrtResults(await session.run(state))
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name.slice(0, -'.copy'.length), tensor]),
    )
  } finally {
    await session.release()
  }
}

function toOrtFeeds(feeds: Feeds): Record<string, ort.Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, t]) => [
      name,
      new ort.Tensor(t.dtype, t.data as Float32Array, t.shape),
    ]),
  )
}

function fromOrtResults(results: Readonly<Record<string, ort.OnnxValue>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(results).map(([name, t]) => [
      name,
      // onnxruntime's data types are those of TensorData except strings, which no graph of ours has.
      { dtype: fromOrtType(t.type), shape: t.dims, data: t.data as TensorData },
    ]),
  )
}

const ours: readonly string[] = [
  'float32',
  'float64',
  'float16',
  'int64',
  'int32',
  'uint8',
  'bool',
] satisfies DType[]

function fromOrtType(type: ort.Tensor.Type): DType {
  if (!ours.includes(type)) throw new Error(`internal: tensors of type ${type} are not used`)
  // One of the names above.
  return type as DType
}
