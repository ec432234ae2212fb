/**
 * The DINOv2 vision transformers as data: their sizes, their taps, and the tensors of their checkpoints.
 *
 * Oquab et al. 2023 (arXiv 2304.07193); the `reg` ones carry four register tokens, Darcet et al. 2023 (arXiv
 * 2309.16588). The giant, whose blocks have another feed-forward part, is left out.
 */
import type { BackboneTap } from '../card.ts'

/** How the trained grid of position embeddings is brought to another grid; bicubic either way. */
export interface PositionResizing {
  /** A kernel that widens when the grid shrinks (a = -0.5), instead of one of four fixed taps (a = -0.75). */
  readonly antialias: boolean
  /** A step of the new grid is `trained / (new + offset)` of the trained one. */
  readonly offset: number
}

export interface DinoV2Plan {
  readonly width: number
  readonly depth: number
  readonly heads: number
  readonly registers: number
  /** Side of a patch in pixels. */
  readonly patch: number
  /** Side of the trained grid of position embeddings, in patches. */
  readonly grid: number
  readonly positions: PositionResizing
}

export type DinoV2Size = 's' | 'b' | 'l'

const sizes: Readonly<Record<DinoV2Size, Pick<DinoV2Plan, 'width' | 'depth' | 'heads'>>> = {
  s: { width: 384, depth: 12, heads: 6 },
  b: { width: 768, depth: 12, heads: 12 },
  l: { width: 1024, depth: 24, heads: 16 },
}

/** As the DINOv2 hub loads the models without registers, and as INP-Former and RoBiS load every one. */
export const offsetPositions: PositionResizing = { antialias: false, offset: 0.1 }
/** As the DINOv2 hub loads the models with registers. */
const antialiasedPositions: PositionResizing = { antialias: true, offset: 0 }

/** One of the published models. Positions are resized as its hub does, unless told otherwise. */
export function planDinoV2(
  size: DinoV2Size,
  hasRegisters: boolean,
  positions: PositionResizing = hasRegisters ? antialiasedPositions : offsetPositions,
): DinoV2Plan {
  return { ...sizes[size], registers: hasRegisters ? 4 : 0, patch: 14, grid: 37, positions }
}

/** Raw outputs of the blocks, `block0` first, then `norm`: the last one behind the final layer norm. */
export function tapsOf({ width, depth, patch }: DinoV2Plan): readonly BackboneTap[] {
  const names = [...Array.from({ length: depth }, (_, i) => `block${i}`), 'norm']
  return names.map((name) => ({ name, channels: width, stride: patch }))
}

/** The eight blocks that INP-Former reconstructs: the middle ones, in the large model every second one. */
export function tokenTaps({ depth }: DinoV2Plan): readonly string[] {
  const step = depth / 12
  return Array.from({ length: 8 }, (_, i) => `block${step * (i + 2)}`)
}

/** How many blocks have to run for these taps. */
export function countBlocks({ depth }: DinoV2Plan, taps: readonly string[]): number {
  return taps.includes('norm')
    ? depth
    : Math.max(0, ...taps.map((tap) => Number(tap.slice('block'.length)) + 1))
}

/** Names and shapes of the published state dict. */
export function checkpointTensors(plan: DinoV2Plan): ReadonlyMap<string, readonly number[]> {
  const { width, depth, registers, patch, grid } = plan
  const shapes = new Map<string, readonly number[]>()
  const add = (name: string, output: number, ...rest: readonly number[]): void => {
    shapes.set(`${name}.weight`, [output, ...rest])
    shapes.set(`${name}.bias`, [output])
  }
  shapes.set('cls_token', [1, 1, width])
  shapes.set('pos_embed', [1, 1 + grid * grid, width])
  if (registers > 0) shapes.set('register_tokens', [1, registers, width])
  // Stands for hidden patches in training; not used here.
  shapes.set('mask_token', [1, width])
  add('patch_embed.proj', width, 3, patch, patch)
  for (let i = 0; i < depth; i++) {
    const block = `blocks.${i}`
    add(`${block}.norm1`, width)
    add(`${block}.attn.qkv`, 3 * width, width)
    add(`${block}.attn.proj`, width, width)
    shapes.set(`${block}.ls1.gamma`, [width])
    add(`${block}.norm2`, width)
    add(`${block}.mlp.fc1`, 4 * width, width)
    add(`${block}.mlp.fc2`, width, 4 * width)
    shapes.set(`${block}.ls2.gamma`, [width])
  }
  add('norm', width)
  return shapes
}
