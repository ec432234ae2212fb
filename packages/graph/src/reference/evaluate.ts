/**
 * Computes a graph with the operators' own reference faces, in float64 whatever the element types say.
 *
 * For tests and small checks: slow, and it never rounds to float32, so that differences can be taken of it.
 */
import { fromNumbers, isDeferred, isFloat, sizeOf, toNumbers, type Tensor } from '../dtype.ts'
import type { Graph } from '../graph.ts'
import { formatShape } from '../shape.ts'
import { formatType, type Value } from '../value.ts'
import type { Array64 } from './array.ts'

/**
 * Outputs by name. Floats come back as float64, other types as they are. Feeds may have any float type where
 * the graph wants one; refuses missing and surplus feeds and shapes that do not fit.
 */
export function evaluate(graph: Graph, feeds: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const arrays = new Map<Value, Array64>()
  const sizes = new Map<string, number>()
  const surplus = Object.keys(feeds).filter((name) => !graph.inputs.some((input) => input.name === name))
  if (surplus.length > 0) throw new Error(`internal: graph "${graph.name}" has no input "${surplus[0]}"`)
  for (const { name, value } of graph.inputs) {
    const feed = feeds[name]
    if (feed === undefined) throw new Error(`internal: nothing is fed to input "${name}"`)
    checkFeed(name, value, feed, sizes)
    arrays.set(value, { dtype: value.dtype, shape: feed.shape, data: toNumbers(feed) })
  }
  for (const { name, value, tensor } of graph.constants) {
    if (isDeferred(tensor))
      throw new Error(`internal: constant "${name}" is deferred and cannot be evaluated`)
    arrays.set(value, { dtype: tensor.dtype, shape: tensor.shape, data: toNumbers(tensor) })
  }
  for (const node of graph.nodes) {
    const results = node.op.reference(
      node.inputs.map((v) => arrays.get(v)!),
      node.attributes,
      node.outputs,
    )
    node.outputs.forEach((value, i) => {
      const result = results[i]!
      if (
        result.data.length !== sizeOf(result.shape) ||
        value.shape.some((d, axis) => typeof d === 'number' && d !== result.shape[axis])
      ) {
        throw new Error(
          `internal: ${node.op.name} computed ${formatShape(result.shape)}, not ${formatType(value)}`,
        )
      }
      arrays.set(value, result)
    })
  }
  return Object.fromEntries(
    graph.outputs.map(({ name, value }) => [name, toTensor(arrays.get(value)!, value)]),
  )
}

function checkFeed(name: string, value: Value, feed: Tensor, sizes: Map<string, number>): void {
  const fits =
    feed.shape.length === value.shape.length &&
    (feed.dtype === value.dtype || (isFloat(feed.dtype) && isFloat(value.dtype)))
  const sameSizes = value.shape.every((d, axis) => {
    const fed = feed.shape[axis]!
    if (typeof d === 'number') return d === fed
    const known = sizes.get(d) ?? fed
    sizes.set(d, known)
    return known === fed
  })
  if (!fits || !sameSizes) {
    throw new Error(
      `internal: input "${name}" is ${formatType(value)}, but ${feed.dtype}${formatShape(feed.shape)} is fed`,
    )
  }
}

function toTensor({ shape, data }: Array64, { dtype }: Value): Tensor {
  if (isFloat(dtype)) return { dtype: 'float64', shape, data }
  return { dtype, shape, data: fromNumbers(data, dtype) }
}
