/**
 * The seam between the pipeline and a method: learning and scoring are different things.
 *
 * `fit` turns the patch features of good images into named tensors; `addScores` writes the scoring of
 * those tensors into the graph of the model. A method sees features and never pictures, files or labels.
 */
import type { MethodName, Recipe } from '@assay/contract'
import type { GraphBuilder, Tensor, Value } from '@assay/graph'
import type { FeatureStore } from '../feature/store.ts'
import type { Device } from '../runtime/index.ts'

/** One class of parts, with its training images (whole pictures or windows of them) by their number in the store. */
export interface TrainingProduct {
  readonly name: string
  readonly gridHeight: number
  readonly gridWidth: number
  readonly images: readonly number[]
}

/** Damaged patches of one training image, with how far the damage moved their features. */
export interface DamagedPatches {
  readonly product: number
  /** The picture that the image was cut from. */
  readonly picture: number
  /** `[patches, dimension]` */
  readonly rows: Float32Array
  /** Euclidean distance of each to the undamaged patch, `[patches]`. */
  readonly moved: Float32Array
}

/** Keeps finished and half-finished work by name, so that an interrupted training can go on. */
export interface Checkpoints {
  load(name: string): Promise<Readonly<Record<string, Tensor>> | null>
  save(name: string, tensors: Readonly<Record<string, Tensor>>): Promise<void>
}

export interface FitInput {
  readonly store: FeatureStore
  readonly products: readonly TrainingProduct[]
  /** Patches of damaged training pictures; empty when the recipe asks for none. */
  readonly damaged: readonly DamagedPatches[]
  readonly recipe: Recipe
  readonly device: Device
  readonly checkpoints: Checkpoints
  readonly signal?: AbortSignal | undefined
}

export type FitEvent =
  | {
      readonly type: 'stage'
      readonly stage: 'memory' | 'head'
      readonly done: number
      readonly total: number
    }
  | { readonly type: 'step'; readonly step: number; readonly of: number; readonly loss: number }
  | { readonly type: 'resumed'; readonly step: number; readonly of: number }

export interface Fitted {
  readonly tensors: Readonly<Record<string, Tensor>>
  /** Optimiser steps taken; 0 for a method that only remembers. */
  readonly steps: number
  /**
   * Picture of the store that each entry of the memory comes from, int64 `[products, size]`; null when the
   * memory is no list of patches. It lets a training picture be judged without its own patches.
   */
  readonly owners: Tensor | null
}

export interface ScoreInput {
  /** Put before the names of constants, so that several scales can share a graph. */
  readonly scope: string
  /** Patch features `[n, patches, dimension]`. */
  readonly rows: Value
  /** The same features where they lie, `[n, dimension, gridHeight, gridWidth]`. */
  readonly grid: Value
  /** Product of each image, int64 `[n]`; null when there is one product. */
  readonly product: Value | null
  readonly fitted: Fitted
  readonly recipe: Recipe
  /** Added to the squared distances to the entries of the memory, `[size]`, to leave some out; else null. */
  readonly penalty: Value | null
}

/** Raw scores per patch, rising with strangeness, both `[n, patches]`. */
export interface PatchScores {
  /** What the image score is made of. */
  readonly image: Value
  /** What the map is made of. */
  readonly map: Value
}

/** What a fit is about to see. */
export interface FitSize {
  readonly recipe: Recipe
  readonly dimension: number
  /** Patches of the largest picture. */
  readonly patches: number
  readonly products: number
}

export interface MethodDefinition {
  readonly id: MethodName
  readonly learnsFrom: 'good'
  /** About how many bytes a fit holds beside the stored features, whatever the number of pictures; absent for few. */
  fitBytes?(size: FitSize): number
  fit(input: FitInput): AsyncGenerator<FitEvent, Fitted>
  addScores(g: GraphBuilder, input: ScoreInput): PatchScores
  /**
   * In paper mode: the published map `[n, 1, size, size]` of scores on the grid `[n, 1, height, width]`, from which
   * the image score is taken too.
   */
  addPaperMap?(g: GraphBuilder, grid: Value, planes: Value): Value
  /** Product of each image, int64 `[n]`, for methods that recognise it themselves (CRAS in paper mode). */
  addRoute?(g: GraphBuilder, input: Pick<ScoreInput, 'scope' | 'rows' | 'fitted' | 'recipe'>): Value
}
