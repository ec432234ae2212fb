/**
 * Which execution provider a run uses, and why.
 *
 * `auto` takes CUDA when its libraries are installed and work, else the CPU. WebGPU is used when it is
 * asked for by name: on a machine without a GPU its software adapter would be slower than the CPU.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { createGraph, writeOnnx } from '@assay/graph'
import * as ort from 'onnxruntime-node'
import os from 'node:os'

export type DeviceName = 'cpu' | 'webgpu' | 'cuda'
export type DeviceRequest = DeviceName | 'auto'

export interface Device {
  readonly name: DeviceName
  /** One sentence: why this one. */
  readonly reason: string
  readonly threads: number
}

export interface DeviceOptions {
  readonly device?: DeviceRequest | undefined
  /** Threads inside an operator; default: the number of cores. */
  readonly threads?: number | undefined
}

/** Settles the device. A device that was asked for by name and does not work is an error, never a fallback. */
export async function chooseDevice(options: DeviceOptions = {}): Promise<Device> {
  const { device = 'auto', threads = os.availableParallelism() } = options
  if (!Number.isInteger(threads) || threads < 1)
    throw new AssayError('OPTION_INVALID', {
      option: 'threads',
      value: String(threads),
      reason: 'not a whole number above 0',
    })
  if (device === 'cpu') return { name: 'cpu', reason: 'asked for', threads }
  if (device === 'auto') {
    return (await probe('cuda')) === null
      ? { name: 'cuda', reason: 'CUDA libraries are installed and work', threads }
      : { name: 'cpu', reason: 'no CUDA libraries here', threads }
  }
  const fault = await probe(device)
  if (fault !== null)
    throw new AssayError('DEVICE_UNAVAILABLE', { device, reason: fault, available: listDevices() })
  return { name: device, reason: 'asked for', threads }
}

/** Devices whose provider comes with the installed runtime; a GPU may still be missing. */
export function listDevices(): readonly DeviceName[] {
  const known: readonly DeviceName[] = ['cpu', 'webgpu', 'cuda']
  return known.filter((name) => ort.listSupportedBackends().some((b) => b.name === name && b.bundled))
}

/** Runs a one-node model on the provider; null when it works, else the reason. */
async function probe(device: DeviceName): Promise<string | null> {
  const g = createGraph('probe')
  g.output('y', g.add(g.input('x', 'float32', [2]), 1))
  // A provider whose libraries are missing is an answer here, not an event for the native log.
  ort.env.logLevel = 'fatal'
  try {
    const session = await ort.InferenceSession.create(writeOnnx(g.build()), {
      executionProviders: [device],
      logSeverityLevel: 4,
    })
    try {
      await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) })
    } finally {
      await session.release()
    }
    return null
  } catch (error) {
    // The runtime begins with a place in its own source.
    return reasonOf(error).replace(/^\/\S+ .* was false\. /, '')
  }
}
