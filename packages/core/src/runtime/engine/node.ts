/**
 * onnxruntime-node: native code on the CPU, WebGPU, CUDA (Linux), DirectML (Windows) and CoreML (macOS). The other side of
 * `#engine` is `web.ts`.
 */
import type { InferenceSession } from 'onnxruntime-common'
import * as ort from 'onnxruntime-node'
import os from 'node:os'
import { deviceNames, type DeviceName, type ModelSource, type Place, type Preference } from './engine.ts'

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
  return deviceNames.filter((name) =>
    ort.listSupportedBackends().some((b) => b.name === providerOf(name) && b.bundled),
  )
}

/** Why this runtime cannot have a device on any machine like this one; null where it may. */
export function refusalOf(device: DeviceName): string | null {
  const offered = ort.listSupportedBackends().map((b) => b.name)
  if (offered.includes(providerOf(device))) return null
  return `onnxruntime for ${process.platform} ${process.arch} has ${offered.join(', ')}`
}

/** What onnxruntime calls a device. */
function providerOf(device: DeviceName): string {
  return device === 'directml' ? 'dml' : device
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
    executionProviders: [providerOf(place.name)],
    intraOpNumThreads: place.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // The runtime would plan one block for a second run of a size, and keep what the first run took beside it; DirectML
    // knows no such plan.
    enableMemPattern: !keepMapped && place.name !== 'directml',
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
