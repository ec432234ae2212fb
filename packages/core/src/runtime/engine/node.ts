/** onnxruntime-node: native code on the CPU, CUDA and WebGPU. The other side of `#engine` is `web.ts`. */
import type { InferenceSession } from 'onnxruntime-common'
import * as ort from 'onnxruntime-node'
import os from 'node:os'
import type { DeviceName, ModelSource, Place, Preference } from './engine.ts'

/** On a machine without a GPU the software adapter of WebGPU would be slower than the CPU: it is not tried unasked. */
export const preference: Preference = {
  device: 'cuda',
  works: 'CUDA libraries are installed and work',
  fails: 'no CUDA libraries here',
}

/** Threads that this machine runs at once. */
export function threadLimit(): number {
  return os.availableParallelism()
}

/** Devices whose provider comes with the installed runtime; a GPU may still be missing. */
export function listDevices(): readonly DeviceName[] {
  const known: readonly DeviceName[] = ['cpu', 'webgpu', 'cuda']
  return known.filter((name) => ort.listSupportedBackends().some((b) => b.name === name && b.bundled))
}

/** Whether the preferred device is worth a trial. */
export function mayBePreferred(): Promise<boolean> {
  return Promise.resolve(true)
}

/** Opens a session; errors are those of the runtime. */
export async function createSession(
  model: ModelSource,
  place: Place,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const keepMapped = 'path' in model && model.keepMapped === true
  // A provider whose libraries are missing is an answer, not an event for the native log.
  ort.env.logLevel = 'fatal'
  const all: InferenceSession.SessionOptions = {
    executionProviders: [place.name],
    intraOpNumThreads: place.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // The runtime would plan one block for a second run of a size, and keep what the first run took beside it.
    enableMemPattern: !keepMapped,
    extra: {
      session: {
        // Waiting threads sleep: spinning is 2 % faster on an idle machine and twice as slow on a busy one.
        intra_op: { allow_spinning: '0' },
        inter_op: { allow_spinning: '0' },
        ...(keepMapped && { disable_prepacking: '1' }),
      },
    },
    ...options,
  }
  if ('path' in model) return ort.InferenceSession.create(model.path, all)
  const { bytes, external } = 'external' in model ? model : { bytes: model, external: {} }
  const externalData = Object.entries(external).map(([path, data]) => ({ path, data }))
  // Without any entry, the runtime would look for the files in the working directory.
  const nothing = { path: '', data: new Uint8Array(1) }
  return ort.InferenceSession.create(bytes, { ...all, externalData: [nothing, ...externalData] })
}
