/**
 * Writes a graph as an ONNX model whose large constants lie in a second file, for models beyond the 2 GB of one file.
 *
 * Deferred constants are read one at a time while that file is written, so that memory never holds the model.
 */
import { bytesOf, isDeferred, readDeferred, sizeOf, type DeferredTensor, type Tensor } from '../dtype.ts'
import type { Graph } from '../graph.ts'
import { emitGraph, type Initializer } from './emit.ts'
import { TensorProto_DataLocation, TensorProtoSchema } from './onnx_pb.ts'
import { bytesOfTensor } from './raw-data.ts'
import { encodeModel, inlineParts, partOf, tensorHeader, type WriteOptions } from './write.ts'

export interface ExternalOptions extends WriteOptions {
  /** Name of the second file, which must lie beside the model; not a path. */
  readonly location: string
  /** Constants of at least so many bytes go to the second file. Default 1024, and never less. */
  readonly minBytes?: number
}

export interface ExternalModel {
  /** The ONNX file: nodes, names and small constants. */
  readonly model: Uint8Array
  /** Size of the second file. */
  readonly dataBytes: number
  /** The second file from its start, one tensor after the other. Each call reads deferred tensors anew. */
  readonly chunks: () => AsyncGenerator<Uint8Array, void, undefined>
}

/** Tensors start at pages of memory, so that a runtime can map the file instead of reading it. */
const alignment = 4096

/** Smaller constants stay: runtimes read sizes, axes and scales before they look at other files. */
const leastExternal = 1024

/**
 * The two files of a model. Checks the graph first. Small deferred constants are read at once, the others by
 * `chunks`, in the order of the graph; equal graphs give equal bytes. Refuses a location that is not a plain
 * file name.
 */
export async function writeOnnxExternal(
  graph: Graph,
  { location, minBytes = leastExternal, ...options }: ExternalOptions,
): Promise<ExternalModel> {
  if (/^\.{0,2}$|[/\\\0]/.test(location))
    throw new Error(`internal: external data go to a file beside the model, not to "${location}"`)
  if (!(minBytes >= leastExternal))
    throw new Error(
      `internal: constants of less than ${leastExternal} bytes stay in the model, also those of ${minBytes}`,
    )
  const { nodes, initializers } = emitGraph(graph)
  const encoded: (readonly Uint8Array[])[] = []
  const placed: Placed[] = []
  let end = 0
  for (const { name, content } of initializers) {
    const length = sizeOf(content.shape) * bytesOf(content.dtype)
    if (length < minBytes) {
      encoded.push(inlineParts(name, await read(content)))
      continue
    }
    const offset = Math.ceil(end / alignment) * alignment
    encoded.push([externalPart({ name, content }, { location, offset, length })])
    placed.push({ content, padding: offset - end })
    end = offset + length
  }
  return {
    model: encodeModel(graph, nodes, encoded, options),
    dataBytes: end,
    chunks: () => chunksOf(placed),
  }
}

interface Placed {
  readonly content: Tensor | DeferredTensor
  /** Bytes between the end of the tensor before and the start of this one. */
  readonly padding: number
}

async function* chunksOf(placed: readonly Placed[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const { content, padding } of placed) {
    if (padding > 0) yield new Uint8Array(padding)
    yield bytesOfTensor(await read(content))
  }
}

async function read(content: Tensor | DeferredTensor): Promise<Tensor> {
  return isDeferred(content) ? readDeferred(content) : content
}

function externalPart(
  { name, content }: Initializer,
  place: { readonly location: string; readonly offset: number; readonly length: number },
): Uint8Array {
  return partOf(TensorProtoSchema, {
    ...tensorHeader(name, content),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries(place).map(([key, value]) => ({ key, value: String(value) })),
  })
}
