/**
 * Reverse-mode gradients as graph nodes (the method of every autodiff system; here one pass backwards over the
 * nodes, asking each operator for its rule and adding up what meets at a value).
 *
 * Gradients may stay smaller than their values as long as they broadcast to them; only rules that cannot cope
 * and the final results get them in full size. That saves an Expand for every mean and sum.
 */
import type { GraphBuilder } from './builder.ts'
import { isFloat } from './dtype.ts'
import type { Node } from './graph.ts'
import { broadcastShapes, sameShape } from './shape.ts'
import { formatType, type Value } from './value.ts'

/**
 * Appends the gradients of a scalar loss with respect to the given values and returns them, in the values' own
 * shapes. Refuses a loss that does not depend on one of them through differentiable operators.
 */
export function gradient(g: GraphBuilder, loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length !== 0 || !isFloat(loss.dtype))
    throw new Error(`internal: a loss is one float, not ${formatType(loss)}`)
  const nodes = [...g.nodes]
  const dependent = dependentOn(nodes, wrt, (v) => isFloat(v.dtype))
  const gradients = new Map<Value, Value>([[loss, g.fill(1, [], loss.dtype)]])

  for (const node of nodes.toReversed()) {
    if (!node.inputs.some((v) => dependent.has(v)) || !node.outputs.some((v) => gradients.has(v))) continue
    if (typeof node.op.grad === 'string') throw new Error(`internal: ${node.op.grad}`)
    const [first, ...rest] = node.outputs as readonly [Value, ...Value[]] // Every operator has an output.
    const gradientAt = (output: Value): Value => gradientOf(g, gradients, output, node.op.broadcastsGradient)
    const found = node.op.grad(g, node.inputs, [gradientAt(first), ...rest.map(gradientAt)], {
      attributes: node.attributes,
      outputs: [first, ...rest],
    })
    node.inputs.forEach((input, i) => {
      const dx = found[i]
      if (dx === null || dx === undefined || !dependent.has(input)) return
      const sum = gradients.get(input)
      gradients.set(input, sum === undefined ? dx : g.add(sum, dx))
    })
  }
  return wrt.map((value) => {
    const found = gradients.get(value)
    if (found === undefined) throw new Error(unreachable(nodes, loss, value))
    return inFull(g, found, value)
  })
}

/** Values that are, or are computed from, one of the given, by way of the values that `counts`. */
function dependentOn(
  nodes: readonly Node[],
  roots: readonly Value[],
  counts: (value: Value) => boolean,
): ReadonlySet<Value> {
  const found = new Set(roots)
  for (const node of nodes) {
    if (node.inputs.some((v) => found.has(v)))
      for (const output of node.outputs.filter(counts)) found.add(output)
  }
  return found
}

/** An output that nothing differentiable read has the gradient zero. */
function gradientOf(
  g: GraphBuilder,
  gradients: ReadonlyMap<Value, Value>,
  output: Value,
  mayBeSmall: boolean,
): Value {
  const found = gradients.get(output)
  if (found === undefined)
    return g.fill(0, mayBeSmall || !isFloat(output.dtype) ? [] : output.shape, output.dtype)
  return mayBeSmall ? found : inFull(g, found, output)
}

function inFull(g: GraphBuilder, dx: Value, value: Value): Value {
  if (sameShape(dx.shape, value.shape)) return dx
  if (!sameShape(broadcastShapes(dx.shape, value.shape), value.shape)) {
    throw new Error(`internal: a gradient ${formatType(dx)} does not fit its value ${formatType(value)}`)
  }
  return g.expand(dx, value.shape)
}

/** Says why no gradient arrives: which operators on the way have none. */
function unreachable(nodes: readonly Node[], loss: Value, value: Value): string {
  const dependent = dependentOn(nodes, [value], () => true)
  if (!dependent.has(loss))
    return `internal: the loss does not depend on value ${value.id}, ${formatType(value)}`
  const needed = new Set([loss])
  const stops = new Set<string>()
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((v) => needed.has(v))) continue
    for (const input of node.inputs) needed.add(input)
    const isOnTheWay = node.inputs.some((v) => dependent.has(v))
    if (isOnTheWay && typeof node.op.grad === 'string') stops.add(node.op.grad)
    if (isOnTheWay && node.op.name === 'stopGradient') stops.add('stopGradient stops it')
  }
  const reasons = stops.size === 0 ? '' : `: ${[...stops].join('; ')}`
  return `internal: no gradient of the loss reaches value ${value.id}, ${formatType(value)}${reasons}`
}
