/**
 * Large constants as float16 in the file, with a cast in front of their readers: half the bytes, the arithmetic as
 * it was. A runtime folds the casts when it opens the file, so that speed stays, too.
 */
import { onnxTypes } from '../onnx/data-type.ts'
import { toFloat16Bits } from '../float16.ts'
import { editModel, floatsOf, isOf, makeNode, type NameTest } from './edit.ts'

/** Smaller ones are not worth a node: kernels of filters, scales, limits. */
const leastSize = 256

/**
 * The same model with its large float32 initializers as float16. Those for which `keeps` holds stay, and so does
 * one with a value that float16 cannot hold. Throws OnnxFormatError if the bytes are no model.
 */
export function storeAsFloat16(bytes: Uint8Array, keeps: NameTest = () => false): Uint8Array {
  return editModel(bytes, ({ graph, readers, freshName }) => {
    const casts = graph.initializer.flatMap((tensor) => {
      if (!isOf(tensor, 'float32') || keeps(tensor.name)) return []
      const values = floatsOf(tensor)
      if (values === undefined || values.length < leastSize) return []
      const half = toHalves(values)
      if (half === undefined) return []
      const cast = freshName(`${tensor.name}.float32`)
      tensor.dataType = onnxTypes.float16
      tensor.floatData = []
      tensor.rawData = new Uint8Array(half.buffer)
      for (const node of readers.get(tensor.name) ?? [])
        node.input = node.input.map((name) => (name === tensor.name ? cast : name))
      return [makeNode('Cast', [tensor.name], cast, { to: onnxTypes.float32 })]
    })
    graph.node = [...casts, ...graph.node]
  })
}

/** The bits of the nearest float16 values; undefined if one of them would be infinite. */
export function toHalves(values: Float32Array): Uint16Array | undefined {
  const halves = Uint16Array.from(values, toFloat16Bits)
  return halves.every((bits) => (bits & 0x7c00) !== 0x7c00) ? halves : undefined
}
