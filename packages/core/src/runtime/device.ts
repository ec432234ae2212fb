/**
 * Which execution provider a run uses, and why.
 *
 * `auto` takes CUDA in Node and WebGPU in a browser when they work, else the CPU. In Node, WebGPU is used when it
 * is asked for by name.
 */
import { AssayError, reasonOf } from '@assay/contract'
import { createGraph, writeOnnx } from '@assay/graph'
import * as ort from 'onnxruntime-common'
import { createSession, listDevices, mayBePreferred, preference, refusalOf, threadLimit } from '#engine'
import type { DeviceName } from './engine/engine.ts'

export { listDevices }
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
  const { device = 'auto', threads = threadLimit() } = options
  if (!Number.isInteger(threads) || threads < 1)
    throw new AssayError('OPTION_INVALID', {
      option: 'threads',
      value: String(threads),
      reason: 'not a whole number above 0',
    })
  if (device === 'cpu') return { name: 'cpu', reason: 'asked for', threads }
  if (device === 'auto') {
    const { device: preferred, works, fails } = preference
    return (await mayBePreferred()) && (await probe(preferred, threads)) === null
      ? { name: preferred, reason: works, threads }
      : { name: 'cpu', reason: fails, threads }
  }
  const fault = refusalOf(device) ?? (await probe(device, threads))
  if (fault !== null)
    throw new AssayError('DEVICE_UNAVAILABLE', { device, reason: fault, available: listDevices() })
  return { name: device, reason: 'asked for', threads }
}

/** Runs a one-node model on the provider; null when it works, else the reason. */
async function probe(device: DeviceName, threads: number): Promise<string | null> {
  const g = createGraph('probe')
  g.output('y', g.add(g.input('x', 'float32', [2]), 1))
  try {
    const session = await createSession(
      writeOnnx(g.build()),
      { name: device, threads },
      { logSeverityLevel: 4 },
    )
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
