/**
 * Shapes with fixed and named sizes, and their arithmetic.
 *
 * A named size is text. Sizes computed from named ones get a name that spells the computation
 * ('h', 'h-2', 'floor((h-1)/2)+1', 'h*w'), so that equal computations have equal names and nothing else does.
 */

/** A fixed size, or the name of a size that is known only when the graph runs. */
export type Dim = number | string
export type Shape = readonly Dim[]

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`
}

export function isStatic(shape: Shape): shape is readonly number[] {
  return shape.every((d) => typeof d === 'number')
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i])
}

/** Index of an axis that may be given from the end (-1 is the last). */
export function axisOf(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new Error(`internal: axis ${axis} does not exist in a tensor of rank ${rank}`)
  }
  return axis < 0 ? axis + rank : axis
}

/** Axes counted from the front, ascending, each once; all of them when none are named. */
export function axesOf(axes: readonly number[] | undefined, rank: number): readonly number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i)
  const found = axes.map((a) => axisOf(a, rank)).sort((a, b) => a - b)
  if (new Set(found).size !== found.length) throw new Error(`internal: axes [${axes.join(', ')}] repeat`)
  return found
}

/** The common shape of operands under numpy broadcasting; a named size meets itself or 1. */
export function broadcastShapes(...shapes: readonly Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((s) => s.length))
  return Array.from({ length: rank }, (_, i) => {
    let common: Dim = 1
    for (const shape of shapes) {
      const d = shape[i - rank + shape.length] ?? 1
      if (d === 1 || d === common) continue
      if (common !== 1)
        throw new Error(`internal: shapes ${shapes.map(formatShape).join(' and ')} do not broadcast`)
      common = d
    }
    return common
  })
}

/** Axes of `from` that disappear when a value of that shape is summed to `to`, which broadcasts to it. */
export function broadcastAxes(
  from: Shape,
  to: Shape,
): { readonly leading: number; readonly ones: readonly number[] } {
  const leading = from.length - to.length
  const ones = to.flatMap((d, i) => (d === 1 && from[leading + i] !== 1 ? [leading + i] : []))
  return { leading, ones }
}

/** `d + k`. */
export function addDim(d: Dim, k: number): Dim {
  if (typeof d === 'number') return d + k
  const { base, offset } = splitOffset(d)
  const total = offset + k
  return total === 0 ? base : `${base}${total < 0 ? '-' : '+'}${Math.abs(total)}`
}

/** A named size as another name plus a fixed offset: 'h-2' is { base: 'h', offset: -2 }. */
function splitOffset(name: string): { readonly base: string; readonly offset: number } {
  const match = /^(.+?)([+-]\d+)$/.exec(name)
  return match === null ? { base: name, offset: 0 } : { base: match[1]!, offset: Number(match[2]) }
}

/** Sum of sizes, as in a concatenation; named ones in alphabetical order, equal ones as a multiple. */
export function sumDims(dims: readonly Dim[]): Dim {
  let fixed = 0
  const counts = new Map<string, number>()
  for (const d of dims) {
    if (typeof d === 'number') {
      fixed += d
      continue
    }
    const { terms, offset } = splitSum(d)
    fixed += offset
    for (const { factor, name } of terms) counts.set(name, (counts.get(name) ?? 0) + factor)
  }
  const terms = [...counts].map(([name, count]) => multiplyDims([count, name]))
  return terms.length === 0 ? fixed : addDim(terms.map(String).sort().join('+'), fixed)
}

/** A named size as a sum: '2*n+k-1' is 2 times n, 1 time k, and -1. */
export function splitSum(name: string): {
  readonly terms: readonly { readonly factor: number; readonly name: string }[]
  readonly offset: number
} {
  const { base, offset } = splitOffset(name)
  const terms = splitOutside(base, '+').map((term) => {
    const { factor, names } = toProduct([term])
    return { factor, name: String(fromProduct({ factor: 1, names })) }
  })
  return { terms, offset }
}

interface Product {
  readonly factor: number
  readonly names: readonly string[]
}

/** Product of sizes, as in a reshape to -1; factors in alphabetical order. */
export function multiplyDims(dims: readonly Dim[]): Dim {
  return fromProduct(toProduct(dims))
}

/** Quotient of two products of sizes, as in a reshape with -1; undefined where a fixed size would be split. */
export function divideDims(whole: readonly Dim[], parts: readonly Dim[]): Dim | undefined {
  const a = toProduct(whole)
  const b = toProduct(parts)
  const left = [...a.names]
  const under: string[] = []
  for (const name of b.names) {
    const at = left.indexOf(name)
    if (at < 0) under.push(name)
    else left.splice(at, 1)
  }
  const factor = a.factor / b.factor
  if (under.length === 0 && Number.isInteger(factor)) return fromProduct({ factor, names: left })
  if (left.length === 0) return undefined
  const over = fromProduct({ factor: a.factor, names: left })
  const below = fromProduct({ factor: b.factor, names: under })
  return `${bracket(String(over), '+-')}/${bracket(String(below), '+-*/')}`
}

/** `k` times d, term by term. */
export function scaleDim(d: Dim, k: number): Dim {
  if (typeof d === 'number') return d * k
  const { terms, offset } = splitSum(d)
  return sumDims([...terms.map(({ factor, name }) => multiplyDims([factor * k, name])), offset * k])
}

/** floor(d / k). Whole multiples of k leave the brackets, so that undoing a scale gives the old name. */
export function floorDiv(d: Dim, k: number): Dim {
  if (typeof d === 'number') return Math.floor(d / k)
  if (k === 1) return d
  const { terms, offset } = splitSum(d)
  const whole = Math.floor(offset / k)
  const rest = sumDims([...terms.map(({ factor, name }) => multiplyDims([factor, name])), offset - whole * k])
  if (terms.every(({ factor }) => factor % k === 0)) {
    return sumDims([...terms.map(({ factor, name }) => multiplyDims([factor / k, name])), whole])
  }
  return addDim(`floor(${bracket(String(rest), '+-')}/${k})`, whole)
}

/** ceil(d / k). */
export function ceilDiv(d: Dim, k: number): Dim {
  return floorDiv(addDim(d, k - 1), k)
}

/**
 * Positions of a window that slides over a padded axis: floor((d + pad - extent) / stride) + 1, where extent is
 * the dilated kernel. Refuses a fixed size that the window does not fit into.
 */
export function windowDim(d: Dim, { kernel, stride, dilation, pad }: WindowAxis): Dim {
  const extent = (kernel - 1) * dilation + 1
  const out = addDim(floorDiv(addDim(d, pad - extent), stride), 1)
  if (typeof out === 'number' && out < 1) {
    throw new Error(`internal: a window of ${extent} does not fit into ${d} pixels with padding ${pad}`)
  }
  return out
}

/** One axis of a convolution or pooling; `pad` is the sum of both sides. */
export interface WindowAxis {
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly pad: number
}

function toProduct(dims: readonly Dim[]): Product {
  let factor = 1
  const names: string[] = []
  for (const d of dims) {
    if (typeof d === 'number') factor *= d
    else if (hasOutside(d, '+-/')) names.push(d)
    else
      for (const part of splitOutside(d, '*')) {
        if (/^\d+$/.test(part)) factor *= Number(part)
        else names.push(part.startsWith('(') ? part.slice(1, -1) : part)
      }
  }
  return { factor, names: names.sort() }
}

function fromProduct({ factor, names }: Product): Dim {
  if (names.length === 0 || factor === 0) return factor
  if (names.length === 1 && factor === 1) return names[0]!
  return [...(factor === 1 ? [] : [factor]), ...names.map((name) => bracket(name, '+-/'))].join('*')
}

function bracket(name: string, operators: string): string {
  return hasOutside(name, operators) ? `(${name})` : name
}

function hasOutside(name: string, operators: string): boolean {
  return Array.from(operators).some((operator) => splitOutside(name, operator).length > 1)
}

/** Splits at an operator wherever it stands outside of brackets. */
function splitOutside(name: string, operator: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i < name.length; i++) {
    const c = name[i]
    if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === operator && depth === 0) {
      parts.push(name.slice(start, i))
      start = i + 1
    }
  }
  return [...parts, name.slice(start)]
}
