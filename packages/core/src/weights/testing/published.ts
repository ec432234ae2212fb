/** A made-up file of weights, and the catalogue entry that it is the published file of. */
import { createHash } from 'node:crypto'

import type { PublishedWeights } from '../catalogue.ts'
import { writeSafetensors } from '../safetensors.ts'

/** A safetensors file with one tensor `w` of so many counted-up float32 numbers, times `scale`. */
export function makeWeights(count = 3000, scale = 1): Uint8Array {
  const data = Float32Array.from({ length: count }, (_, i) => i * scale)
  return writeSafetensors(new Map([['w', { dtype: 'float32', shape: [count], data }]]))
}

export function publish(file: Uint8Array, origin = 'https://weights.test', id = 'net-a'): PublishedWeights {
  return {
    id,
    url: `${origin}/files/${id}-v1.pth`,
    bytes: file.length,
    sha256: createHash('sha256').update(file).digest('hex'),
    licence: 'Apache-2.0',
    origin: 'somebody, Net A',
    note: '',
  }
}
