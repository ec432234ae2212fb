/**
 * onnxruntime-web: WebAssembly, called `cpu` here, and WebGPU.
 *
 * Each comes with a build of its own, loaded when it is first asked for. Threads need a page that is isolated
 * from other origins; elsewhere there is one. Their number is settled by the first session of a build.
 */
import type { InferenceSession } from 'onnxruntime-common'
import type { DeviceName, ModelSource, Place, Preference } from './engine.ts'

/** What browsers have beyond Node. */
interface BrowserScope {
  readonly crossOriginIsolated?: boolean
  readonly navigator: {
    readonly hardwareConcurrency: number
    readonly gpu?: {
      requestAdapter(): Promise<{ readonly info: { readonly isFallbackAdapter?: boolean } } | null>
    }
  }
}

const scope = globalThis as unknown as BrowserScope

export const preference: Preference = {
  device: 'webgpu',
  works: 'this browser has WebGPU on a GPU',
  fails: 'no GPU for WebGPU here, so WebAssembly',
}

/** Threads that this page may run at once. */
export function threadLimit(): number {
  return scope.crossOriginIsolated === true ? scope.navigator.hardwareConcurrency : 1
}

export function listDevices(): readonly DeviceName[] {
  return scope.navigator.gpu === undefined ? ['cpu'] : ['cpu', 'webgpu']
}

/** Why no browser has a device; null where this one may. */
export function refusalOf(device: DeviceName): string | null {
  return device === 'cpu' || device === 'webgpu' ? null : 'a browser has cpu (WebAssembly) and webgpu'
}

/** Whether there is a GPU: an adapter in software is slower than WebAssembly. */
export async function mayBePreferred(): Promise<boolean> {
  const adapter = await scope.navigator.gpu?.requestAdapter()
  return adapter !== null && adapter !== undefined && adapter.info.isFallbackAdapter !== true
}

/** Opens a session; errors are those of the runtime. Models come as bytes. */
export async function createSession(
  model: ModelSource,
  place: Place,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  if ('path' in model) throw new Error('internal: a browser opens models from bytes, not from a path')
  const { bytes, external } = 'external' in model ? model : { bytes: model, external: {} }
  const runtime = await loadRuntime(place.name)
  runtime.env.wasm.numThreads = Math.min(place.threads, threadLimit())
  runtime.env.logLevel = 'fatal'
  return runtime.InferenceSession.create(bytes, {
    executionProviders: [place.name === 'cpu' ? 'wasm' : place.name],
    // Waiting threads sleep, as in Node: a page shares its cores with others.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    externalData: Object.entries(external).map(([path, data]) => ({ path, data })),
    ...options,
  })
}

function loadRuntime(device: DeviceName): Promise<typeof import('onnxruntime-web')> {
  switch (device) {
    case 'cpu':
      return import('onnxruntime-web/wasm')
    case 'webgpu':
      return import('onnxruntime-web/webgpu')
    case 'cuda':
    case 'directml':
    case 'coreml':
      throw new Error(`a browser has no ${device}`)
    default:
      return device satisfies never
  }
}
