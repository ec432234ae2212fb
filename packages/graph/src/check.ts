/** Well-formedness of a graph: order, names, types. Runs after building, after every pass and before writing. */
import { isDeferred, sizeOf } from './dtype.ts'
import type { Graph } from './graph.ts'
import { checkInputCount } from './op/define.ts'
import { formatShape, sameShape } from './shape.ts'
import { formatType, type Value } from './value.ts'

/** Throws `internal: ...` with the node and the fault. */
export function check(graph: Graph): void {
  const known = new Set<Value>()
  const ids = new Set<number>()
  const fail = (place: string, fault: string): never => {
    throw new Error(`internal: graph "${graph.name}": ${place}: ${fault}`)
  }
  const declare = (place: string, value: Value): void => {
    if (ids.has(value.id)) fail(place, `value ${value.id} is defined twice`)
    ids.add(value.id)
    known.add(value)
  }

  for (const part of [graph, graph.inputs, graph.outputs, graph.nodes, graph.constants, ...graph.nodes]) {
    if (!Object.isFrozen(part)) fail('graph', 'a part of it is not frozen')
  }
  uniqueNames(graph, fail)
  for (const { name, value } of graph.inputs) declare(`input "${name}"`, value)
  for (const { name, value, tensor } of graph.constants) {
    const place = `constant ${value.id}`
    declare(place, value)
    if (value.dtype !== tensor.dtype || !sameShape(value.shape, tensor.shape)) {
      fail(place, `${tensor.dtype}${formatShape(tensor.shape)} is declared as ${formatType(value)}`)
    }
    if (isDeferred(tensor)) {
      if (name === undefined) fail(place, 'a deferred constant needs a name')
    } else if (tensor.data.length !== sizeOf(tensor.shape))
      fail(place, `${tensor.data.length} elements for ${formatShape(tensor.shape)}`)
  }
  graph.nodes.forEach((node, i) => {
    const place = `node ${i} (${node.op.name})`
    for (const input of node.inputs)
      if (!known.has(input)) fail(place, `value ${input.id} is used before it is made`)
    checkInputCount(node.op, node.inputs.length)
    const types = node.op.infer(node.inputs, node.attributes)
    if (types.length !== node.outputs.length)
      fail(place, `makes ${types.length} values, not ${node.outputs.length}`)
    node.outputs.forEach((output, at) => {
      const type = types[at]!
      if (type.dtype !== output.dtype || !sameShape(type.shape, output.shape)) {
        fail(place, `output ${at} is declared ${formatType(output)} but is ${formatType(type)}`)
      }
      declare(place, output)
    })
  })
  for (const { name, value } of graph.outputs)
    if (!known.has(value)) fail(`output "${name}"`, `value ${value.id} is not made`)
}

function uniqueNames(graph: Graph, fail: (place: string, fault: string) => never): void {
  const names = [...graph.inputs, ...graph.outputs, ...graph.constants].flatMap(({ name }) => name ?? [])
  const seen = new Set<string>()
  for (const name of names) {
    if (name === '') fail('graph', 'an input, output or constant has an empty name')
    if (seen.has(name)) fail('graph', `the name "${name}" is used twice`)
    seen.add(name)
  }
}
