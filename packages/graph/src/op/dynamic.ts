/**
 * Shapes as attributes of nodes that must know them when the graph runs.
 *
 * A size is a fixed number, or a sum of sizes read from axes of the node's own inputs. So a node carries
 * everything that its shape depends on, and passes need not know about names.
 */
import type { Array64 } from '../reference/array.ts'
import type { Emitter } from './define.ts'

/** `factor` times the size of an axis of an input. */
interface DimTerm {
  readonly input: number
  readonly axis: number
  readonly factor: number
}

export type DimSource = number | { readonly terms: readonly DimTerm[]; readonly offset: number }

/** Name of an int64 tensor with the shape: an initializer where all is fixed, else computed by nodes. */
export function emitShape(e: Emitter, sources: readonly DimSource[], inputs: readonly string[]): string {
  if (sources.every((s) => typeof s === 'number')) return e.int64(sources)
  const parts = sources.map((source) => {
    if (typeof source === 'number') return e.int64([source])
    const sizes = source.terms.map(({ input, axis, factor }) => {
      const size = e.add('Shape', [inputs[input]!], { start: axis, end: axis + 1 })
      return factor === 1 ? size : e.add('Mul', [size, e.int64([factor])])
    })
    if (source.offset !== 0) sizes.push(e.int64([source.offset]))
    return sizes.reduce((sum, size) => e.add('Add', [sum, size]))
  })
  return parts.length === 1 ? parts[0]! : e.add('Concat', parts, { axis: 0 })
}

/** The shape in numbers, for the reference evaluator. */
export function resolveShape(sources: readonly DimSource[], inputs: readonly Array64[]): number[] {
  return sources.map((s) =>
    typeof s === 'number'
      ? s
      : s.terms.reduce(
          (sum, { input, axis, factor }) => sum + factor * inputs[input]!.shape[axis]!,
          s.offset,
        ),
  )
}
