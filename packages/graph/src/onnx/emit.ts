/**
 * A graph in ONNX terms: the nodes that its operators emit, and the constants with their names.
 *
 * The result depends on the graph alone: names are counted, and equal small constants are shared. Where the numbers
 * are kept is left to the writers.
 */
import { check } from '../check.ts'
import { isDeferred, type DeferredTensor, type Tensor } from '../dtype.ts'
import type { Graph } from '../graph.ts'
import type { Emitter, OnnxAttribute } from '../op/define.ts'
import type { Value } from '../value.ts'
import { bytesOfTensor } from './raw-data.ts'

/** A node in ONNX terms. */
export interface EmittedNode {
  readonly opType: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
  /** Outputs that must stay even when nothing reads them. */
  readonly required: number
}

/** A constant under its name in the file. */
export interface Initializer {
  readonly name: string
  readonly content: Tensor | DeferredTensor
}

export interface EmittedGraph {
  readonly nodes: readonly EmittedNode[]
  readonly initializers: readonly Initializer[]
}

/** Emits all nodes, and gives outputs the names that the graph promises. Checks the graph first. */
export function emitGraph(graph: Graph): EmittedGraph {
  check(graph)
  const taken = new Set(
    [...graph.inputs, ...graph.outputs, ...graph.constants].flatMap(({ name }) => name ?? []),
  )
  let count = 0
  const freshName = (stem: string): string => {
    for (;;) {
      const name = `${stem}_${count++}`
      if (!taken.has(name)) return name
    }
  }
  const nodes: EmittedNode[] = []
  const initializers: Initializer[] = []
  const shared = new Map<string, string>()
  const addInitializer = (content: Tensor | DeferredTensor, name: string): string => {
    initializers.push({ name, content })
    return name
  }
  const shareConstant = (tensor: Tensor): string => {
    const key =
      tensor.data.length > 64
        ? undefined
        : `${tensor.dtype} ${tensor.shape.join()} ${bytesOfTensor(tensor).join()}`
    const found = key === undefined ? undefined : shared.get(key)
    if (found !== undefined) return found
    const name = addInitializer(tensor, freshName('constant'))
    if (key !== undefined) shared.set(key, name)
    return name
  }
  const addMany: Emitter['addMany'] = (opType, inputs, attributes, outputs) => {
    const trimmed = inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1)
    const names = Array.from({ length: outputs.count }, () => freshName(opType))
    nodes.push({ opType, inputs: trimmed, outputs: names, attributes, required: outputs.required })
    return names
  }
  const emitter: Emitter = {
    add: (opType, inputs, attributes = {}) =>
      addMany(opType, inputs, attributes, { count: 1, required: 1 })[0]!,
    addMany,
    constant: shareConstant,
    int64: (values) =>
      shareConstant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values, BigInt) }),
  }

  const names = new Map<Value, string>()
  for (const { name, value } of graph.inputs) names.set(value, name)
  for (const { name, value, tensor } of graph.constants) {
    const isUnnamed = name === undefined && !isDeferred(tensor)
    names.set(value, isUnnamed ? shareConstant(tensor) : addInitializer(tensor, name!))
  }
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const made = op.emit(
      emitter,
      inputs.map((v) => names.get(v)!),
      attributes,
      { inputs, outputs },
    )
    outputs.forEach((value, i) => names.set(value, made[i]!))
  }
  return { nodes: nameOutputs(graph, names, nodes), initializers }
}

/** Renames what nodes call an output, drops optional outputs that nothing reads, and copies what has no node. */
function nameOutputs(
  graph: Graph,
  names: ReadonlyMap<Value, string>,
  nodes: readonly EmittedNode[],
): readonly EmittedNode[] {
  const made = new Set(nodes.flatMap((node) => node.outputs))
  const renamed = new Map<string, string>()
  const copies: EmittedNode[] = []
  for (const { name, value } of graph.outputs) {
    const own = names.get(value)!
    if (made.has(own) && !renamed.has(own)) renamed.set(own, name)
    else
      copies.push({
        opType: 'Identity',
        inputs: [renamed.get(own) ?? own],
        outputs: [name],
        attributes: {},
        required: 1,
      })
  }
  const read = new Set([
    ...nodes.flatMap((node) => node.inputs),
    ...renamed.keys(),
    ...copies.flatMap((c) => c.inputs),
  ])
  const rename = (name: string): string => renamed.get(name) ?? name
  const finished = nodes.map((node) => {
    const last = node.outputs.findLastIndex((name, i) => i < node.required || read.has(name))
    const outputs = node.outputs
      .slice(0, last + 1)
      .map((name, i) => (i < node.required || read.has(name) ? rename(name) : ''))
    return { ...node, inputs: node.inputs.map(rename), outputs }
  })
  return [...finished, ...copies]
}
