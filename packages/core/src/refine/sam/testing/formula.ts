/** The formula weights and the formula image of tools/golden/sam_reference.py, and its small plan. */
import type { Tensor } from '@assay/graph'

import type { Uint8Image } from '../../../image/index.ts'
import { createFormulaCheckpoint } from '../../../testing/formula-checkpoint.ts'
import type { Checkpoint } from '../../../weights/index.ts'
import { samTensors, type SamPlan } from '../plan.ts'

/** 14 x 14 tokens in windows of 4. */
export const tinyPlan: SamPlan = {
  id: 'sam-tiny',
  imageSize: 224,
  patch: 16,
  channels: 32,
  encoder: { width: 24, depth: 3, heads: 2, window: 4, globalBlocks: [1] },
  decoder: { depth: 2, heads: 4, mlp: 48 },
}

/** Numbers that depend on name and place alone, of the usual size of such a tensor. */
export function formulaTensor(name: string, shape: readonly number[]): Tensor {
  const isScale = shape.length === 1 && name.endsWith('.weight')
  const scale = isScale ? 0.2 : scaleOf(name, shape)
  const seed = fnv1a(name)
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
  for (let i = 0; i < data.length; i++) {
    let h = (Math.imul(i, 2654435761) + seed) | 0
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
    h ^= h >>> 15
    data[i] = Number(isScale) + scale * ((h >>> 8) / 2 ** 23 - 1)
  }
  return { dtype: 'float32', shape, data }
}

/** A checkpoint with the names and shapes of a plan, whose tensors are made when they are read. */
export function createSamCheckpoint(plan: SamPlan): Checkpoint {
  return createFormulaCheckpoint(samTensors(plan), formulaTensor)
}

/** Ramps, a bright disc and a little noise. */
export function formulaImage(width: number, height: number): Uint8Image {
  const radius = Math.floor(Math.min(width, height) ** 2 / 4)
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    const noise = Math.imul(i, 2654435761) >>> 27
    const isDisc = (2 * x - width) ** 2 + (2 * y - height) ** 2 < radius
    return Math.floor((x * 97) / width) + Math.floor((y * 61) / height) + 30 * c + noise + (isDisc ? 90 : 0)
  })
  return { width, height, channels: 3, depth: 8, pixels }
}

function scaleOf(name: string, shape: readonly number[]): number {
  if (shape.length === 1) return 0.1
  if (/pos_embed$|_embed\.weight$|point_embeddings|_tokens?\.weight$|gaussian/.test(name)) return 1
  return Math.sqrt(3 / shape.slice(1).reduce((a, b) => a * b, 1))
}

function fnv1a(text: string): number {
  let h = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193)
  return h | 0
}
