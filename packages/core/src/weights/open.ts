/** Opens a weights file of any kind that is read here, told apart by its first bytes. */
import { openByteSource } from './byte-source.ts'
import type { Checkpoint } from './checkpoint.ts'
import { unreadable } from './fault.ts'
import { looksLikeOnnx, openOnnx } from './onnx.ts'
import { openPytorchLegacy, openPytorchZip } from './pytorch.ts'
import { looksLikeSafetensors, openSafetensors } from './safetensors.ts'

interface OpenCheckpointOptions {
  /** What messages call the file; the path by default. */
  readonly name?: string
}

/**
 * Opens a PyTorch checkpoint (zip or legacy), a safetensors file or the initialisers of an ONNX model, by path
 * or from bytes. Nothing in the file is executed. Damage is WEIGHTS_UNREADABLE, a pickle that wants more than tensors is WEIGHTS_REFUSED.
 */
export async function openCheckpoint(
  source: string | Uint8Array,
  options: OpenCheckpointOptions = {},
): Promise<Checkpoint> {
  const bytes = await openByteSource(source, options.name)
  try {
    const head = await bytes.read(0, Math.min(bytes.size, 16))
    if (head[0] === 0x50 && head[1] === 0x4b) return await openPytorchZip(bytes)
    if (head[0] === 0x80) {
      // A safetensors header of 128, 384, ... bytes begins with the same byte as a pickle.
      if (!looksLikeSafetensors(head)) return await openPytorchLegacy(bytes)
    }
    if (looksLikeSafetensors(head)) return await openSafetensors(bytes)
    if (looksLikeOnnx(head)) return await openOnnx(bytes)
    throw unreadable(bytes.name, 'it is no PyTorch checkpoint, no safetensors file and no ONNX model')
  } catch (error) {
    await bytes[Symbol.asyncDispose]()
    throw error
  }
}
