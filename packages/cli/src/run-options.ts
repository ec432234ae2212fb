/** The options of a run that do not change its result: threads, device, memory, limits. */
import { readBytes, readChoice, readChoices, readWhole } from './flags.ts'
import type { Host } from './host.ts'
import type { Flags } from './program.ts'

const deviceNames = ['auto', 'cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const

export interface RunFlags {
  readonly device: (typeof deviceNames)[number] | undefined
  readonly threads: number | undefined
  readonly memoryBytes: number | undefined
  readonly maxPixels: number | undefined
  readonly signal: AbortSignal
}

export function readRunFlags(flags: Flags, host: Host): RunFlags {
  return {
    device: readChoice(flags, 'device', deviceNames),
    threads: readWhole(flags, 'threads', 1, 1024),
    memoryBytes: readBytes(flags, 'memory'),
    maxPixels: readWhole(flags, 'max-pixels', 1, 100_000_000_000),
    signal: host.signal,
  }
}

/** Several devices with commas between them. */
export function readDevices(flags: Flags, name: string): readonly (typeof deviceNames)[number][] | undefined {
  return readChoices(flags, name, deviceNames)
}
