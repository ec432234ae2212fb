/**
 * What is run: one training and its evaluation, or one object of RoBiS through the published steps.
 *
 * Jobs are plain data, so that a process of its own can be told them.
 */
import type { Bench, Recipe } from '@assay/contract'
import { createHash } from 'node:crypto'
import path from 'node:path'
import type { DeviceRequest } from '../../runtime/index.ts'
import { resolveRecipe, type RecipeOptions } from '../recipe.ts'
import type { StepSettings } from '../step/index.ts'
import type { RunIdentity } from '../../experiment/index.ts'

/** How jobs are run; it changes what they take, not what comes of them. */
export interface JobOptions {
  readonly threads: number
  /** Jobs side by side, which is written into the rows. */
  readonly workers: number
  readonly device?: DeviceRequest | undefined
  readonly memoryBytes?: number | undefined
}

interface JobBase extends JobOptions {
  readonly identity: RunIdentity
  /** Below the folder of the table: the page, and the model if it is kept. */
  readonly folder: string
}

/** Trains a model, measures it on the test images and writes the page of its evaluation. */
export interface ModelJob extends JobBase {
  readonly kind: 'model'
  readonly data: string
  /** Only these; null for all that are there. */
  readonly products: readonly string[] | null
  readonly training: RecipeOptions
  readonly keepModel: boolean
  /** Goes on with an interrupted training. */
  readonly resume: boolean
}

/** Takes one object of MVTec AD 2 through the published steps. */
export interface StepsJob extends JobBase {
  readonly kind: 'steps'
  /** With the one object as `mvtecad2_class_list`. */
  readonly settings: StepSettings
  readonly splits: readonly StepSettings['test_type'][]
  /** Optimiser steps in place of epochs; 0 for epochs. */
  readonly steps: number
  readonly seed: number
}

export type BenchJob = ModelJob | StepsJob

/** Every set x method x profile x backbone x seed, sets of one seed after the other; folders are seen from `root`. */
export function planBench(bench: Bench, root: string, options: JobOptions): ModelJob[] {
  const { sets, methods, profiles, backbones, recipe } = bench
  const jobs: ModelJob[] = []
  for (const seed of new Set(bench.seeds))
    for (const [set, data] of Object.entries(sets))
      for (const profile of new Set(profiles))
        for (const backbone of new Set(backbones ?? [undefined]))
          for (const method of new Set(methods))
            jobs.push(
              planModelJob({
                ...options,
                set,
                data: path.resolve(root, data),
                products: null,
                training: { method, profile, backbone, seed, recipe },
                keepModel: false,
                resume: false,
              }),
            )
  return jobs
}

/** A job with its identity and folder. Settings that cannot go together are refused here, before anything runs. */
export function planModelJob(
  given: Omit<ModelJob, 'kind' | 'identity' | 'folder'> & { readonly set: string },
): ModelJob {
  const { set, ...job } = given
  const recipe = resolveRecipe(job.training, job.products?.length ?? 1)
  const { method, profile, seed } = recipe
  const { backbone } = recipe.features
  const identity = { set, method, profile, backbone, seed, recipe: hashRecipe(recipe) }
  return { ...job, kind: 'model', identity, folder: folderOf(identity) }
}

/** The first eight digits of the sha256 of a recipe whose seed does not count. */
export function hashRecipe({ seed: _seed, ...recipe }: Recipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 8)
}

export function folderOf({ set, method, profile, backbone, seed, recipe }: RunIdentity): string {
  return `run/${[set, method, profile, backbone, recipe, seed].join('-').replaceAll(' ', '_')}`
}
