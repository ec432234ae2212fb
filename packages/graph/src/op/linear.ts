/** Matrix products. */
import { array64, at, forEachIndex, offsetOf } from '../reference/array.ts'
import { broadcastShapes, formatShape, type Dim } from '../shape.ts'
import { sameDtype } from '../value.ts'
import { defineOp } from './define.ts'

export interface GemmAttributes {
  readonly transA: boolean
  readonly transB: boolean
  readonly alpha: number
  readonly beta: number
}

/** Operands have two axes or more. */
export const matmul = defineOp<2>({
  name: 'matmul',
  inputs: 2,
  infer: ([a, b]) => {
    if (a.shape.length < 2 || b.shape.length < 2 || a.shape.at(-1) !== b.shape.at(-2)) {
      throw new Error(
        `internal: cannot multiply matrices ${formatShape(a.shape)} and ${formatShape(b.shape)}`,
      )
    }
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
    return [{ dtype: sameDtype('matmul', a, b), shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] }]
  },
  emit: ({ add }, [a, b]) => [add('MatMul', [a, b])],
  grad: (g, [a, b], [dy]) => {
    if (b.shape.length === 2) {
      // One matrix for all batches: everything before the last axis is rows of a single product.
      const [k, n] = b.shape as readonly [Dim, Dim] // rank 2, just checked
      const rows = dy.shape.length === 2 ? dy : g.reshape(dy, [-1, n])
      const da = g.gemm(rows, b, undefined, { transB: true })
      const db = g.gemm(a.shape.length === 2 ? a : g.reshape(a, [-1, k]), rows, undefined, { transA: true })
      return [a.shape.length === 2 ? da : g.reshape(da, a.shape), db]
    }
    const swap = (rank: number): number[] => [
      ...Array.from({ length: rank - 2 }, (_, i) => i),
      rank - 1,
      rank - 2,
    ]
    return [
      g.sumTo(g.matmul(dy, g.transpose(b, swap(b.shape.length))), a.shape),
      g.sumTo(g.matmul(g.transpose(a, swap(a.shape.length)), dy), b.shape),
    ]
  },
  reference: ([a, b]) => {
    const batchA = a.shape.slice(0, -2)
    const batchB = b.shape.slice(0, -2)
    const batch = broadcastShapes(batchA, batchB) as readonly number[]
    const depth = a.shape.at(-1)!
    const [rows, columns] = [a.shape.at(-2)!, b.shape.at(-1)!]
    const y = array64(a.dtype, [...batch, rows, columns])
    const matrixAt = (own: readonly number[], index: readonly number[]): number =>
      offsetOf(
        own,
        own.map((d, i) => (d === 1 ? 0 : index[i + batch.length - own.length]!)),
      )
    forEachIndex(batch, (index, at) => {
      const [startA, startB] = [
        matrixAt(batchA, index) * rows * depth,
        matrixAt(batchB, index) * depth * columns,
      ]
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0
          for (let k = 0; k < depth; k++) {
            sum += a.data[startA + i * depth + k]! * b.data[startB + k * columns + j]!
          }
          y.data[(at * rows + i) * columns + j] = sum
        }
      }
    })
    return [y]
  },
})

export const gemm = defineOp<'2+', GemmAttributes>({
  name: 'gemm',
  inputs: '2+',
  infer: ([a, b, ...rest], { transA, transB }) => {
    const [m, k] = transA ? a.shape.toReversed() : a.shape
    const [l, n] = transB ? b.shape.toReversed() : b.shape
    if (a.shape.length !== 2 || b.shape.length !== 2 || k !== l) {
      throw new Error(
        `internal: gemm of ${formatShape(a.shape)}${transA ? ' transposed' : ''} and ${formatShape(b.shape)}${transB ? ' transposed' : ''}`,
      )
    }
    const shape = [m!, n!]
    const [c] = rest
    if (c !== undefined && formatShape(broadcastShapes(shape, c.shape)) !== formatShape(shape)) {
      throw new Error(`internal: gemm: ${formatShape(c.shape)} does not broadcast to ${formatShape(shape)}`)
    }
    return [{ dtype: sameDtype('gemm', a, b, ...rest), shape }]
  },
  emit: ({ add }, inputs, { transA, transB, alpha, beta }) => [
    add('Gemm', inputs, {
      ...(transA && { transA: 1 }),
      ...(transB && { transB: 1 }),
      ...(alpha !== 1 && { alpha: { float: alpha } }),
      ...(beta !== 1 && { beta: { float: beta } }),
    }),
  ],
  grad: (g, [a, b, c], [dy], { attributes: { transA, transB, alpha, beta } }) => {
    const da = transA
      ? g.gemm(b, dy, undefined, { transA: transB, transB: true, alpha })
      : g.gemm(dy, b, undefined, { transB: !transB, alpha })
    const db = transB
      ? g.gemm(dy, a, undefined, { transA: true, transB: transA, alpha })
      : g.gemm(a, dy, undefined, { transA: !transA, alpha })
    if (c === undefined) return [da, db]
    const dc = g.sumTo(dy, c.shape)
    return [da, db, beta === 1 ? dc : g.mul(dc, beta)]
  },
  reference: ([a, b, c], { transA, transB, alpha, beta }) => {
    const [m, depth] = transA ? a.shape.toReversed() : a.shape
    const n = transB ? b.shape[0]! : b.shape[1]!
    const added = (i: number, j: number): number => {
      if (c === undefined) return 0
      const [rows, columns] = [c.shape.at(-2) ?? 1, c.shape.at(-1) ?? 1]
      return c.data[(rows === 1 ? 0 : i) * columns + (columns === 1 ? 0 : j)]!
    }
    const out = array64(a.dtype, [m!, n])
    for (let i = 0; i < m!; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let k = 0; k < depth!; k++)
          sum += at(a, transA ? [k, i] : [i, k]) * at(b, transB ? [j, k] : [k, j])
        out.data[i * n + j] = alpha * sum + beta * added(i, j)
      }
    }
    return [out]
  },
})
