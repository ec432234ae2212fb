/**
 * Makes a graph smaller without changing what it computes.
 *
 * One pass in order: constants are folded with the reference evaluator, x + 0, x - 0, x * 1 and x / 1 become x,
 * equal computations are done once; then nodes that nothing needs go. Left out on purpose is everything that
 * onnxruntime does better when it loads the model (fusion, layouts, folding of large constants).
 */
import { check } from './check.ts'
import { fromNumbers, isDeferred, sizeOf, tensor, toNumbers, type Tensor } from './dtype.ts'
import { freezeGraph, freezeNode, prune, type Constant, type Graph, type Node } from './graph.ts'
import * as elementwise from './op/elementwise.ts'
import type { Op } from './op/define.ts'
import { shapeOf } from './op/select.ts'
import { isStatic, sameShape } from './shape.ts'
import type { Value } from './value.ts'

/** Results with more elements than this stay computations, and so do those of much larger constants. */
const largestFolded = 4096
const largestRead = 16 * largestFolded

/** The same graph with less to do. */
export function simplify(graph: Graph): Graph {
  const replaced = new Map<Value, Value>()
  const current = (value: Value): Value => replaced.get(value) ?? value
  const constants = new Map<Value, Constant>(graph.constants.map((c) => [c.value, c]))
  const seen = new Map<string, Node>()
  const opNumbers = new Map<Op, number>()
  const nodes: Node[] = []

  for (const old of graph.nodes) {
    const node = { ...old, inputs: old.inputs.map(current) }
    const folded = fold(node, constants)
    if (folded !== undefined) {
      node.outputs.forEach((value, i) => constants.set(value, Object.freeze({ value, tensor: folded[i]! })))
      continue
    }
    const same = unchanged(node, constants)
    if (same !== undefined) {
      replaced.set(node.outputs[0]!, same)
      continue
    }
    if (!opNumbers.has(node.op)) opNumbers.set(node.op, opNumbers.size)
    const key = `${opNumbers.get(node.op)} ${node.inputs.map((v) => v.id).join()} ${JSON.stringify(node.attributes)}`
    const earlier = node.op.isRandom ? undefined : seen.get(key)
    if (earlier !== undefined) {
      node.outputs.forEach((value, i) => replaced.set(value, earlier.outputs[i]!))
      continue
    }
    const frozen = freezeNode(node)
    seen.set(key, frozen)
    nodes.push(frozen)
  }
  const outputs = graph.outputs.map(({ name, value }) => Object.freeze({ name, value: current(value) }))
  const smaller = prune(
    freezeGraph({ ...graph, inputs: [...graph.inputs], outputs, nodes, constants: [...constants.values()] }),
  )
  check(smaller)
  return smaller
}

/** What a small constant holds. Named constants stay data, deferred ones are not read. */
function contentsOf(constant: Constant | undefined, largest: number): Tensor | undefined {
  if (constant === undefined || constant.name !== undefined || isDeferred(constant.tensor)) return undefined
  return constant.tensor.data.length <= largest ? constant.tensor : undefined
}

/** Contents of the outputs, where they follow from constants alone and are small. */
function fold(node: Node, constants: ReadonlyMap<Value, Constant>): readonly Tensor[] | undefined {
  const [first] = node.inputs
  if (node.op === shapeOf && isStatic(first!.shape))
    return [tensor(BigInt64Array.from(first!.shape, BigInt), [first!.shape.length])]
  const known = node.inputs.flatMap((value) => contentsOf(constants.get(value), largestRead) ?? [])
  if (first === undefined || known.length < node.inputs.length) return undefined
  const isSmall = node.outputs.every(({ shape }) => isStatic(shape) && sizeOf(shape) <= largestFolded)
  if (!isSmall) return undefined
  const arrays = known.map((t) => ({ ...t, data: toNumbers(t) }))
  return node.op.reference(arrays, node.attributes, node.outputs).map(({ dtype, shape, data }) => ({
    dtype,
    shape,
    data: fromNumbers(data, dtype),
  }))
}

/** The input that a node hands on as it is. */
function unchanged(
  { op, inputs, outputs }: Node,
  constants: ReadonlyMap<Value, Constant>,
): Value | undefined {
  const [a, b] = inputs
  const isAll = (value: Value | undefined, number: number): boolean => {
    const contents = value === undefined ? undefined : contentsOf(constants.get(value), largestFolded)
    return contents !== undefined && toNumbers(contents).every((v) => v === number)
  }
  const keeps = (value: Value): boolean => sameShape(value.shape, outputs[0]!.shape)
  const neutral =
    op === elementwise.add || op === elementwise.sub
      ? 0
      : op === elementwise.mul || op === elementwise.div
        ? 1
        : undefined
  if (neutral === undefined) return undefined
  if (isAll(b, neutral) && keeps(a!)) return a
  const commutes = op === elementwise.add || op === elementwise.mul
  return commutes && isAll(a, neutral) && keeps(b!) ? b : undefined
}
