/**
 * Which layers compute in int8, and which tensors are rounded for them.
 *
 * A layer is a convolution or a linear layer whose weights are named; the first ones, which read the picture, stay in
 * float32. Rounded are the inputs of such layers, the outputs of convolutions after their clipping, and sums of
 * two rounded tensors, so that a runtime finds whole stretches of integers.
 */
import type { NodeProto } from '../onnx/onnx_pb.ts'
import { readGraph, weightsOf, type Edit, type NameTest } from './edit.ts'

export interface QuantisePlan {
  readonly layers: ReadonlySet<NodeProto>
  /** Names of the rounded tensors, in the order in which they are made. */
  readonly tensors: ReadonlySet<string>
  /** Sums that read rounded tensors. */
  readonly sums: ReadonlySet<NodeProto>
}

const clipping: readonly string[] = ['Clip', 'Relu']

export function planQuantisation(edit: Edit, isWeight: NameTest): QuantisePlan {
  const { graph } = edit
  const layers = findLayers(edit, isWeight)
  const rounded = new Set<string>()
  const sums = new Set<NodeProto>()
  for (const node of graph.node) {
    const [first = '', second = ''] = node.input
    if (layers.has(node)) {
      rounded.add(first)
      if (node.opType === 'Conv') rounded.add(endOf(edit, node))
    } else if (node.opType === 'Add' && rounded.has(first) && rounded.has(second)) {
      sums.add(node)
      for (const name of node.output) rounded.add(name)
    }
  }
  const tensors = new Set(graph.node.flatMap(({ output }) => output.filter((name) => rounded.has(name))))
  return { layers, tensors, sums }
}

/** Names of the tensors whose ranges `quantiseModel` needs, for the same choice of weights. */
export function tensorsToObserve(bytes: Uint8Array, isWeight: NameTest): readonly string[] {
  return [...planQuantisation(readGraph(bytes), isWeight).tensors]
}

/** Layers that read, at some distance, what another layer made. */
function findLayers(edit: Edit, isWeight: NameTest): ReadonlySet<NodeProto> {
  const layers = new Set<NodeProto>()
  const reached = new Set<string>()
  for (const node of edit.graph.node) {
    const isLater = node.input.some((name) => reached.has(name))
    const weights = weightsOf(edit, node, isWeight)
    if (weights !== undefined && isLater && isPlain(node, weights.dims.length)) layers.add(node)
    if (weights !== undefined || isLater) for (const name of node.output) reached.add(name)
  }
  return layers
}

/** Linear layers have a matrix, and Gemm adds what it multiplied as it is. */
function isPlain({ opType, attribute }: NodeProto, rank: number): boolean {
  if (opType === 'Conv') return true
  const isOdd = attribute.some(
    ({ name, f, i }) => ((name === 'alpha' || name === 'beta') && f !== 1) || (name === 'transA' && i !== 0n),
  )
  return rank === 2 && !isOdd
}

/** What a convolution hands on: its output, or that of the clipping that alone reads it. */
export function endOf({ readers }: Pick<Edit, 'readers'>, { output: [name = ''] }: NodeProto): string {
  const [reader, ...others] = (readers.get(name) ?? []).filter(({ opType }) => opType !== 'Shape')
  const isClipped = others.length === 0 && reader !== undefined && clipping.includes(reader.opType)
  return isClipped ? (reader.output[0] ?? name) : name
}
