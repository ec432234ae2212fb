/** What both engines, onnxruntime in Node and in a browser, are asked for. */

/** Names of onnxruntime's providers, as people say them. */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'directml', 'coreml'] as const
export type DeviceName = (typeof deviceNames)[number]

/** A model's bytes, its file, or its bytes with the contents of its external data files by name. */
export type ModelSource =
  | Uint8Array
  | ModelFile
  | { readonly bytes: Uint8Array; readonly external: Readonly<Record<string, Uint8Array>> }

/** A model on disk. External data must lie below its folder, and must not change while it is open. */
interface ModelFile {
  readonly path: string
  /**
   * Leaves large weights in the mapped file, so that they take no memory that the system cannot have back. Without
   * it, the runtime repacks them: one copy in memory, slower to open and faster with every run. The second run
   * takes no more memory than the first, which costs nothing measurable.
   */
  readonly keepMapped?: boolean
}

/** Where and with how many threads inside an operator a session runs. */
export interface Place {
  readonly name: DeviceName
  readonly threads: number
}

/** The device that `auto` tries before the CPU, with the reason to give when it works and when it does not. */
export interface Preference {
  readonly device: DeviceName
  readonly works: string
  readonly fails: string
}
