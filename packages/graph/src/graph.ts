/** Graphs: a frozen list of nodes in the order in which they can be computed. */
import type { DeferredTensor, Tensor } from './dtype.ts'
import type { Attributes, Op } from './op/define.ts'
import type { Value } from './value.ts'

/** One use of an operator. Attributes are plain data; everything computed travels as a value. */
export interface Node {
  readonly op: Op
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
  readonly attributes: Attributes
}

/** A value with the name under which the world outside knows it. */
export interface NamedValue {
  readonly name: string
  readonly value: Value
}

/** A value with fixed contents; a named one keeps its name in the ONNX file. A deferred one is always named. */
export interface Constant {
  readonly value: Value
  readonly tensor: Tensor | DeferredTensor
  readonly name?: string
}

export interface Graph {
  readonly name: string
  readonly inputs: readonly NamedValue[]
  readonly outputs: readonly NamedValue[]
  readonly nodes: readonly Node[]
  readonly constants: readonly Constant[]
}

/** Freezes a graph and its lists; nodes and constants are frozen where they are made. */
export function freezeGraph(graph: Graph): Graph {
  for (const list of [graph.inputs, graph.outputs, graph.nodes, graph.constants]) Object.freeze(list)
  return Object.freeze(graph)
}

export function freezeNode(node: Node): Node {
  Object.freeze(node.inputs)
  Object.freeze(node.outputs)
  Object.freeze(node.attributes)
  return Object.freeze(node)
}

/**
 * The same graph without nodes and constants that no output needs. Inputs stay: they are the graph's promise to
 * its callers.
 */
export function prune(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((o) => o.value))
  const nodes: Node[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((o) => needed.has(o))) continue
    for (const input of node.inputs) needed.add(input)
    nodes.push(node)
  }
  const constants = graph.constants.filter((c) => needed.has(c.value))
  return freezeGraph({ ...graph, nodes: nodes.reverse(), constants })
}
