/**
 * INP-Former on MVTec AD and VisA, one model for each product or one for all (arXiv 2503.02424, CVPR 2025).
 *
 * Settings are the defaults of the authors' `INP-Former_Multi_Class.py` and `INP-Former_Single_Class.py`. Real-IAD
 * is left out: its layout is none that we read.
 */
import { robisPaperRecipe } from '@assay/contract'
import { publishedMean, type ModelPreset, type PublishedLine, type Setting } from './preset.ts'
import { experimentSets } from './product.ts'

const published: Readonly<Record<Setting, Readonly<Record<'mvtec' | 'visa', PublishedLine['figures']>>>> = {
  multi: {
    mvtec: {
      imageAuroc: 99.7,
      imageAp: 99.9,
      imageF1Max: 99.2,
      pixelAuroc: 98.5,
      pixelAp: 71.0,
      pixelF1Max: 69.7,
      aupro30: 94.9,
    },
    visa: {
      imageAuroc: 98.9,
      imageAp: 99.0,
      imageF1Max: 96.6,
      pixelAuroc: 98.9,
      pixelAp: 51.2,
      pixelF1Max: 54.7,
      aupro30: 94.4,
    },
  },
  single: {
    mvtec: { imageAuroc: 99.7, pixelAp: 70.2, aupro30: 95.4 },
    visa: { imageAuroc: 98.5, pixelAp: 49.2, aupro30: 93.8 },
  },
}

export const inpFormerPresets: readonly ModelPreset[] = (['mvtec', 'visa'] as const).flatMap((set) =>
  (['multi', 'single'] as const).map((setting) => createPreset(set, setting)),
)

function createPreset(set: 'mvtec' | 'visa', setting: Setting): ModelPreset {
  const { name: dataset, products } = experimentSets[set]
  const base = robisPaperRecipe()
  return {
    kind: 'model',
    name: `inp-former-${set}-${setting}`,
    title: `INP-Former, ${setting === 'single' ? 'a model for each product' : 'one model for all products'}, ${dataset}`,
    paper: 'arXiv 2503.02424',
    setting,
    dataset,
    products: [...products.keys()],
    metrics: ['imageAuroc', 'imageAp', 'imageF1Max', 'pixelAuroc', 'pixelAp', 'pixelF1Max', 'aupro30'],
    published: [publishedMean(published[setting][set])],
    source: 'tables of the README of github.com/luow23/INP-Former',
    differences: [
      'Pixels are compared at the size of each picture; what the crop cuts off counts as least strange. The published code compares at 256 x 256, with AU-PRO of its own kind.',
      'The authors say that their present code gives slightly lower pixel AP and F1-max than the paper.',
      'Position embeddings are resized as their makers do, not as the published code does.',
      ...(set === 'visa'
        ? ['Pictures keep their aspect ratio. The published code squeezes them into a square.']
        : []),
      'One good training picture of each product is not learned from: it sets the threshold.',
    ],
    recipe: {
      ...base,
      method: 'robis',
      seed: 1,
      input: { ...base.input, fit: 'short-side-crop', resize: 448, crop: 392 },
      inpFormer: { ...base.inpFormer, steps: 0, stepsPerExtraProduct: 0 },
      calibration: { holdOut: 0.01, holdOutAtMost: 1 },
    },
  }
}
