/**
 * From the map of a whole picture to its mask, as the recipe says: binarisers united, then cleaned.
 */
import type { ProductCard, Recipe } from '@assay/contract'
import {
  findBinariser,
  mebin,
  uniteBinarisers,
  type AnomalyMap,
  type BinariserFit,
} from '../binarise/index.ts'
import { cleanMask } from '../refine/mask/index.ts'

/** What each binariser of the recipe learned, in their order: plain numbers for the model card. */
export type MaskState = ProductCard['mask']

export interface Masker {
  /** Whether any binariser has to see maps of good pictures. */
  readonly isFitted: boolean
  startFit(): BinariserFit<MaskState>
  /** `[height, width]`, 255 where the map is anomalous. The rules are in pixels of the picture, reduced or not. */
  makeMask(map: AnomalyMap, product: Pick<ProductCard, 'pixel' | 'mask'>): Uint8Array
}

export function createMasker({ mask, calibration }: Pick<Recipe, 'mask' | 'calibration'>): Masker {
  const united = uniteBinarisers(
    // The pixel threshold is a number that calibration has chosen.
    mask.binarisers.map((name) => findBinariser(name === 'threshold' ? 'manual' : name)),
  )
  const optionsOf = (pixelThreshold: number): readonly unknown[] =>
    mask.binarisers.map((name) => {
      switch (name) {
        case 'threshold':
          return { threshold: pixelThreshold }
        case 'hysteresis':
          return { high: pixelThreshold, quantile: mask.quantile }
        case 'mebin':
          return { ...mebin.defaults, falseMasks: calibration.falseMasks, erosionPx: mask.thickness }
        case 'sigma':
          return { deviations: mask.deviations }
        case 'quantile':
          return { of: 'pixels', quantile: mask.quantile }
        case 'manual':
          return { threshold: mask.manual ?? Infinity }
        default:
          return name satisfies never
      }
    })
  return {
    isFitted: mask.binarisers.some((name) => name !== 'threshold' && name !== 'manual'),
    startFit: () => {
      const fit = united.startFit?.(optionsOf(0))
      if (fit === undefined) throw new Error('internal: a union of binarisers that cannot be fitted')
      // The states of the built-in binarisers are records of numbers, or null.
      return { add: (map) => fit.add(map), finish: () => fit.finish() as MaskState }
    },
    makeMask: (map, product) => {
      const coarse = united.binarise(map, product.mask, optionsOf(product.pixel.threshold))
      const { width, height, reduction = 1 } = map
      return cleanMask(coarse, width, height, {
        closeRadiusPx: Math.round(mask.close / reduction),
        largestHolePx: mask.fillHoles ? Infinity : 0,
        openRadiusPx: Math.round(mask.open / reduction),
        smallestAreaPx: mask.smallestArea / reduction ** 2,
      })
    },
  }
}
