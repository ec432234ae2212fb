/** A graph as text, stable across runs: values are numbered in the order in which they appear. */
import { isDeferred, toNumbers, type DeferredTensor, type Tensor } from './dtype.ts'
import type { Graph } from './graph.ts'
import { formatType, type Value } from './value.ts'

/**
 * One line per input, constant, node and output:
 *
 *     graph scale
 *       input x %0: float32[n, 3]
 *       constant %1: float32[] = 2
 *       %2: float32[n, 3] = mul %0 %1
 *       output y = %2
 */
export function print(graph: Graph): string {
  const numbers = new Map<Value, number>()
  const name = (value: Value): string => {
    const number = numbers.get(value) ?? numbers.size
    numbers.set(value, number)
    return `%${number}`
  }
  const lines = [`graph ${graph.name}`]
  for (const { name: label, value } of graph.inputs)
    lines.push(`  input ${label} ${name(value)}: ${formatType(value)}`)
  for (const { name: label, value, tensor } of graph.constants) {
    lines.push(
      `  constant ${label === undefined ? '' : `${label} `}${name(value)}: ${formatType(value)} = ${contents(tensor)}`,
    )
  }
  for (const { op, inputs, outputs, attributes } of graph.nodes) {
    const made = outputs.map((o) => `${name(o)}: ${formatType(o)}`).join(', ')
    const parts = [
      op.name,
      ...inputs.map(name),
      ...Object.entries(attributes).map(([key, v]) => `${key}=${formatAttribute(v)}`),
    ]
    lines.push(`  ${made} = ${parts.join(' ')}`)
  }
  for (const { name: label, value } of graph.outputs) lines.push(`  output ${label} = ${name(value)}`)
  return `${lines.join('\n')}\n`
}

/** Up to eight numbers; of longer ones the first four and a checksum. Nothing is read for it. */
function contents(tensor: Tensor | DeferredTensor): string {
  if (isDeferred(tensor)) return 'deferred'
  const numbers = toNumbers(tensor)
  if (tensor.shape.length === 0) return String(numbers[0])
  if (numbers.length <= 8) return `[${numbers.join(', ')}]`
  return `[${numbers.slice(0, 4).join(', ')}, ...] #${checksum(tensor)}`
}

/** FNV-1a over the bytes of the data. */
function checksum({ data }: Tensor): string {
  let hash = 0x811c9dc5
  for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function formatAttribute(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatAttribute).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, v]) => `${key}: ${formatAttribute(v)}`)
      .join(', ')}}`
  }
  return String(value)
}
