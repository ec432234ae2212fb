/** Rows of made-up runs. */
import { createRow, type BenchRow } from '../row.ts'

export function rowOf(values: Partial<BenchRow>): BenchRow {
  const names = {
    set: 'caps',
    product: 'caps',
    method: 'cras',
    profile: 'fast',
    backbone: 'net',
    recipe: 'abc',
  }
  const place = { device: 'cpu', machine: 'a machine', assay: '0.1.0', page: 'run/a/index.html' }
  return { ...createRow({ ...names, ...place }), products: 1, seed: 0, ...values }
}
