/**
 * The entries of a bank as the model file keeps them: in full, in half precision, or in a byte for each value.
 *
 * A byte is a step on a scale of its dimension, from its least to its largest value in the bank of a product. The graph
 * makes float32 of it again before it searches; the runtime does that once, when it opens the model, so a search costs
 * what it costs in full precision, and only the file is smaller.
 */
import type { Recipe } from '@assay/contract'
import { fromFloat16Bits, toFloat16Bits, type GraphBuilder, type Tensor, type Value } from '@assay/graph'

type BankPrecision = Recipe['memory']['precision']

/** By name: `bank` `[products, size, dimension]`, and for bytes `bank.low` and `bank.step` `[products, 1, dimension]`. */
export type StoredEntries = Readonly<Record<string, Tensor>>

const levels = 255

/** `entries` is float32 `[products, size, dimension]`. */
export function compressEntries(entries: Tensor, precision: BankPrecision): StoredEntries {
  switch (precision) {
    case 'float32':
      return { bank: entries }
    case 'float16': {
      const data = Uint16Array.from(entries.data as Float32Array, toFloat16Bits)
      return { bank: { dtype: 'float16', shape: entries.shape, data } }
    }
    case 'int8':
      return toBytes(entries)
    default:
      return precision satisfies never
  }
}

/** The float32 values that stored entries stand for: bit by bit those of the graph. */
export function restoreEntries(stored: StoredEntries): Tensor {
  const { bank, low, step } = partsOf(stored)
  const [products = 0, size = 0, dimension = 0] = bank.shape
  const data = new Float32Array(bank.data.length)
  if (bank.dtype === 'float32') return bank
  if (low === undefined || step === undefined) {
    for (let i = 0; i < data.length; i++) data[i] = fromFloat16Bits(Number(bank.data[i]))
  } else {
    for (let at = 0; at < data.length; at++) {
      const scale = Math.floor(at / (size * dimension)) * dimension + (at % dimension)
      data[at] = Number(low.data[scale]) + Math.fround(Number(step.data[scale]) * Number(bank.data[at]))
    }
  }
  return { dtype: 'float32', shape: [products, size, dimension], data }
}

/** The entries in a graph, float32 `[products, size, dimension]`, or `[size, dimension]` of the only product. */
export function addEntries(
  g: GraphBuilder,
  stored: StoredEntries,
  scope: string,
  isOnly: boolean,
): { readonly entries: Value; readonly size: number } {
  const { bank, low, step } = partsOf(stored)
  const constant = (tensor: Tensor, name: string): Value =>
    g.constant({ ...tensor, shape: isOnly ? tensor.shape.slice(1) : tensor.shape }, `${scope}${name}`)
  const size = bank.shape[1] ?? 0
  const value = constant(bank, 'bank')
  if (bank.dtype === 'float32') return { entries: value, size }
  const wide = g.cast(value, 'float32')
  if (low === undefined || step === undefined) return { entries: wide, size }
  return { entries: g.add(g.mul(wide, constant(step, 'bank.step')), constant(low, 'bank.low')), size }
}

interface Parts {
  readonly bank: Tensor
  readonly low: Tensor | undefined
  readonly step: Tensor | undefined
}

function partsOf(stored: StoredEntries): Parts {
  const { bank, 'bank.low': low, 'bank.step': step } = stored
  if (bank === undefined) throw new Error('internal: a method without its memory')
  return { bank, low, step }
}

function toBytes({ shape, data }: Tensor): StoredEntries {
  const [products = 0, size = 0, dimension = 0] = shape
  const bytes = new Uint8Array(data.length)
  const low = new Float32Array(products * dimension)
  const step = new Float32Array(products * dimension)
  for (let p = 0; p < products; p++) {
    for (let d = 0; d < dimension; d++) {
      let least = Infinity
      let most = -Infinity
      for (let row = 0; row < size; row++) {
        const value = Number(data[(p * size + row) * dimension + d])
        least = Math.min(least, value)
        most = Math.max(most, value)
      }
      const unit = Math.fround((most - least) / levels)
      low[p * dimension + d] = least
      step[p * dimension + d] = unit
      // A dimension of equal values has no scale, and every byte of it is 0.
      if (unit === 0) continue
      for (let row = 0; row < size; row++) {
        const at = (p * size + row) * dimension + d
        bytes[at] = Math.min(levels, Math.round((Number(data[at]) - least) / unit))
      }
    }
  }
  const scale = [products, 1, dimension]
  return {
    bank: { dtype: 'uint8', shape, data: bytes },
    'bank.low': { dtype: 'float32', shape: scale, data: low },
    'bank.step': { dtype: 'float32', shape: scale, data: step },
  }
}
