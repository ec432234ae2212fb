/**
 * CRAS on four data sets, one model for each product or one for all (arXiv 2505.17551).
 *
 * Settings are those of the authors' scripts, `shell/run-<set>-<setting>.sh`: the same for every set. Tables by
 * product were not found in print, so only means stand beside ours.
 */
import { paperRecipe } from '@assay/contract'
import { publishedMean, type ModelPreset, type Setting } from './preset.ts'
import { experimentSets, type ExperimentSet } from './product.ts'

/** Image AUROC and pixel AUROC, in percent. */
const published: Readonly<Record<Setting, Readonly<Record<ExperimentSet, readonly [number, number]>>>> = {
  multi: { mvtec: [98.3, 98.0], visa: [93.5, 97.7], mpdd: [95.0, 98.3], itdd: [99.4, 97.8] },
  single: { mvtec: [99.7, 98.4], visa: [97.0, 98.4], mpdd: [98.8, 98.7], itdd: [99.6, 98.0] },
}

// A list of the keys of that table.
const sets = Object.keys(experimentSets) as readonly ExperimentSet[]

export const crasPresets: readonly ModelPreset[] = sets.flatMap((set) =>
  (['multi', 'single'] as const).map((setting) => createPreset(set, setting)),
)

function createPreset(set: ExperimentSet, setting: Setting): ModelPreset {
  const { name: dataset, products } = experimentSets[set]
  const [imageAuroc, pixelAuroc] = published[setting][set]
  // The recipe of several products is the same for any number of them.
  const base = paperRecipe(setting === 'single' ? 1 : 2)
  return {
    kind: 'model',
    name: `cras-${set}-${setting}`,
    title: `CRAS, ${setting === 'single' ? 'a model for each product' : 'one model for all products'}, ${dataset}`,
    paper: 'arXiv 2505.17551',
    setting,
    dataset,
    products: [...products.keys()],
    metrics: ['imageAuroc', 'pixelAuroc'],
    published: [publishedMean({ imageAuroc, pixelAuroc })],
    source: 'README of github.com/cqylunlun/CRAS',
    differences: [
      'Ours is the last step. The published code measures every epoch on the test images and keeps the best.',
      'Ours takes one picture at a time. The published code takes the most frequent product of each batch.',
      'Pixels are compared at the size of each picture; what the crop cuts off counts as least strange. The published code compares the crop of 288 x 288 alone.',
      'One good training picture of each product is not learned from: it sets the threshold.',
    ],
    recipe: {
      ...base,
      method: 'cras',
      seed: 0,
      features: { ...base.features, backbone: 'wide-resnet50-2' },
      calibration: { holdOut: 0.01, holdOutAtMost: 1 },
    },
  }
}
