/**
 * What INP-Former trains: shapes and seeded start of its parameters (methods.md, RoBiS 3 and 4).
 *
 * Names, shapes and order of axes are those of the reference's state dict, so that a published head can be
 * read name by name.
 */
import type { Recipe } from '@assay/contract'
import { fromNumbers, sizeOf, type Tensor } from '@assay/graph'
import { createRandom, type Random } from '../../random.ts'

/** Sizes of a head. */
export interface HeadPlan {
  /** Values per token. */
  readonly width: number
  /** Attention heads; they divide the width. */
  readonly heads: number
  /** Blocks of the decoder. */
  readonly blocks: number
  /** Intrinsic normal prototypes (INPs) per image. */
  readonly prototypes: number
  /** Groups of token maps that are reconstructed, shallow ones first; they divide the blocks. */
  readonly groups: number
}

/** Width of the hidden layer of every MLP, in widths of a token. */
const expansion = 4
/** Start of linear layers: a normal distribution of this deviation ... */
const deviation = 0.01
/** ... cut at this many deviations. */
const cut = 3

/** The head that a recipe asks for on token maps of `groups` groups, `dimension` values in all. */
export function planHead(recipe: Recipe, dimension: number): HeadPlan {
  const { groups } = recipe.features
  const { headWidth, blocks, prototypes } = recipe.inpFormer
  const width = dimension / groups
  return { width, heads: width / headWidth, blocks, prototypes, groups }
}

/** Shape of every parameter by its name in the reference's state dict, in its order there. */
export function parameterShapes(plan: HeadPlan): ReadonlyMap<string, readonly number[]> {
  const { width, heads, blocks, prototypes } = plan
  const linear = (name: string, from: number, to: number): [string, readonly number[]][] => [
    [`${name}.weight`, [to, from]],
    [`${name}.bias`, [to]],
  ]
  const mlp = (name: string): [string, readonly number[]][] => [
    ...linear(`${name}.fc1`, width, expansion * width),
    ...linear(`${name}.fc2`, expansion * width, width),
  ]
  const block = (name: string, scale: [string, readonly number[]][]): [string, readonly number[]][] => [
    [`${name}.norm1.weight`, [width]],
    [`${name}.norm1.bias`, [width]],
    ...scale,
    ...linear(`${name}.attn.q`, width, width),
    ...linear(`${name}.attn.kv`, width, 2 * width),
    ...linear(`${name}.attn.proj`, width, width),
    [`${name}.norm2.weight`, [width]],
    [`${name}.norm2.bias`, [width]],
    ...mlp(`${name}.mlp`),
  ]
  return new Map([
    ['prototype_token', [prototypes, width]],
    ...mlp('bottleneck.0'),
    ...block('aggregation.0', []),
    ...Array.from({ length: blocks }, (_, i) =>
      block(`decoder.${i}`, [[`decoder.${i}.attn.learn_scale`, [heads, 1, 1]]]),
    ).flat(),
  ])
}

/** The parameters before the first step; each is drawn from a stream of its own. */
export function startParameters(plan: HeadPlan, seed: number): Record<string, Tensor> {
  return Object.fromEntries(
    Array.from(parameterShapes(plan), ([name, shape]) => [
      name,
      draw(name, shape, createRandom(seed, 'inp-former-start', name)),
    ]),
  )
}

function draw(name: string, shape: readonly number[], random: Random): Tensor {
  const values = (next: () => number): Tensor => ({
    dtype: 'float32',
    shape,
    data: fromNumbers(Array.from({ length: sizeOf(shape) }, next), 'float32'),
  })
  if (name === 'prototype_token') return values(() => random.normal())
  if (name.endsWith('.learn_scale') || /\.norm\d\.weight$/.test(name)) return values(() => 1)
  if (name.endsWith('.bias')) return values(() => 0)
  return values(() => {
    for (;;) {
      const z = random.normal()
      if (Math.abs(z) <= cut) return deviation * z
    }
  })
}
