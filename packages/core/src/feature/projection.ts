/**
 * Random orthonormal projections: fewer channels at almost the same distances (Johnson-Lindenstrauss).
 */
import type { Random } from '../random.ts'

/**
 * `[from, to]` with orthonormal columns, scaled by sqrt(from / to) so that distances keep their size on
 * average. Modified Gram-Schmidt on Gaussian columns.
 */
export function randomProjection(from: number, to: number, random: Random): Float32Array {
  if (to > from) throw new Error(`internal: cannot project ${from} channels onto ${to}`)
  const columns: Float64Array[] = []
  const draw = new Float32Array(from)
  while (columns.length < to) {
    random.fillNormal(draw)
    const column = Float64Array.from(draw)
    for (const other of columns) {
      const overlap = dot(column, other)
      for (let i = 0; i < from; i++) column[i]! -= overlap * other[i]!
    }
    const length = Math.sqrt(dot(column, column))
    for (let i = 0; i < from; i++) column[i]! /= length
    columns.push(column)
  }
  const scale = Math.sqrt(from / to)
  const matrix = new Float32Array(from * to)
  for (let c = 0; c < to; c++) for (let i = 0; i < from; i++) matrix[i * to + c] = columns[c]![i]! * scale
  return matrix
}

/**
 * Between widths `[from, to]` without changing distances: exactly where `to` is at least `from`, on average where
 * it is smaller.
 */
export function randomRotation(from: number, to: number, random: Random): Float32Array {
  if (to <= from) return randomProjection(from, to, random)
  const narrow = randomProjection(to, from, random)
  // Its columns have the length sqrt(to / from).
  const scale = Math.sqrt(from / to)
  const matrix = new Float32Array(from * to)
  for (let i = 0; i < from; i++)
    for (let j = 0; j < to; j++) matrix[i * to + j] = narrow[j * from + i]! * scale
  return matrix
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
