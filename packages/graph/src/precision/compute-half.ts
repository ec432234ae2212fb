/**
 * The layers of a network in float16, with casts at the borders.
 *
 * Convolutions and linear layers whose weights are named compute in float16, and what lies between two of them and
 * cannot lose range: clipping, sums, the largest of a window. Everything else stays in float32: normalisation,
 * averages, softmax, distances and what is decided from them.
 */
import { onnxTypes } from '../onnx/data-type.ts'
import type { NodeProto } from '../onnx/onnx_pb.ts'
import {
  constantBehind,
  editModel,
  floatsOf,
  isOf,
  makeNode,
  shapeOf,
  weightsOf,
  type Edit,
  type NameTest,
} from './edit.ts'
import { toHalves } from './store-half.ts'

/** Operators that stay in float16 when what they read is. */
const between: readonly string[] = ['Add', 'Clip', 'Relu', 'LeakyRelu', 'MaxPool']

/**
 * The same model with the layers whose weights `isWeight` takes in float16. A layer with a weight that float16 cannot
 * hold stays. Runtimes without such kernels cast by themselves. Throws OnnxFormatError if the bytes are no model.
 */
export function computeInFloat16(bytes: Uint8Array, isWeight: NameTest): Uint8Array {
  return editModel(bytes, (edit) => {
    const { graph, readers, freshName } = edit
    const half = halfNodes(edit, isWeight)
    const made = new Set([...half].flatMap(({ output }) => output))
    const narrowed = new Map<string, string>()
    const nodes: NodeProto[] = []
    const narrow = (name: string): string => {
      const known = name === '' || made.has(name) ? name : narrowed.get(name)
      if (known !== undefined) return known
      const constant = halfConstant(edit, name)
      const own = constant ?? freshName(`${name}.float16`)
      if (constant === undefined) nodes.push(makeNode('Cast', [name], own, { to: onnxTypes.float16 }))
      narrowed.set(name, own)
      return own
    }
    for (const node of graph.node) {
      if (half.has(node)) node.input = node.input.map(narrow)
      nodes.push(node)
      if (!half.has(node)) continue
      for (const name of node.output) {
        const outside = (readers.get(name) ?? []).filter((r) => !half.has(r) && r.opType !== 'Shape')
        if (outside.length === 0) continue
        const wide = freshName(`${name}.float32`)
        nodes.push(makeNode('Cast', [name], wide, { to: onnxTypes.float32 }))
        for (const reader of outside)
          reader.input = reader.input.map((input) => (input === name ? wide : input))
      }
    }
    graph.node = nodes
  })
}

function halfNodes(edit: Edit, isWeight: NameTest): ReadonlySet<NodeProto> {
  const half = new Set<NodeProto>()
  const outputs = new Set(edit.graph.output.map(({ name }) => name))
  const isHalf = (name: string): boolean => {
    const maker = edit.makers.get(name)
    return maker !== undefined && half.has(maker)
  }
  const isConstant = (name: string): boolean => name === '' || canBeHalf(edit, name)
  for (const node of edit.graph.node) {
    const { opType, input, output } = node
    // The world outside has been promised float32.
    if (output.some((name) => outputs.has(name))) continue
    const isLayer =
      weightsOf(edit, node, isWeight) !== undefined && input.slice(1).every((name) => isConstant(name))
    const isBetween =
      between.includes(opType) && input.some(isHalf) && input.every((n) => isHalf(n) || isConstant(n))
    if (isLayer || isBetween) half.add(node)
  }
  return half
}

function canBeHalf(edit: Edit, name: string): boolean {
  const constant = constantBehind(edit, name)
  const values = constant === undefined ? undefined : floatsOf(constant)
  return values !== undefined && toHalves(values) !== undefined
}

/** The name of a constant in float16, if `name` is one. */
function halfConstant(edit: Edit, name: string): string | undefined {
  const constant = constantBehind(edit, name)
  if (constant === undefined || isOf(constant, 'float16')) return constant?.name
  const values = floatsOf(constant)
  const data = values === undefined ? undefined : toHalves(values)
  if (data === undefined) return undefined
  const shape = shapeOf(constant)
  return edit.addConstant({ name: `${name}.float16`, dataType: onnxTypes.float16, shape, data })
}
