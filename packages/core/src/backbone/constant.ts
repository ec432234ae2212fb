/** Prepared weights as constants of a graph. */
import type { GraphBuilder, Tensor, Value } from '@assay/graph'

/** Looks weights up by name; float16 is widened inside the graph, so that the model file stays small. */
export function constantsOf(g: GraphBuilder, weights: ReadonlyMap<string, Tensor>): (name: string) => Value {
  return (name) => {
    const tensor = weights.get(name)
    if (tensor === undefined) throw new Error(`internal: the weights of the backbone lack "${name}"`)
    const value = g.constant(tensor, `backbone.${name}`)
    return tensor.dtype === 'float16' ? g.cast(value, 'float32') : value
  }
}
