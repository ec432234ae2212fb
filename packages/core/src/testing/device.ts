/** One thread on the CPU: the same bytes on a busy machine. */
import type { Device } from '../runtime/index.ts'

export const testDevice: Device = { name: 'cpu', reason: 'test', threads: 1 }
