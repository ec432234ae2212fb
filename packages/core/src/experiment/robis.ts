/**
 * RoBiS on MVTec AD 2, through the published steps (arXiv 2505.21152).
 *
 * The truth of the private splits is known to the benchmark server only. Here their maps and masks are made and
 * packed for it, and the public split is measured.
 */
import type { PublishedLine, StepsPreset } from './preset.ts'

type Triple = readonly [aupro05: number, classF1: number, segF1: number]

/** In percent; the private split first, then the private mixed one. */
const server: Readonly<Record<string, readonly [Triple, Triple]>> = {
  can: [
    [30.28, 60.93, 1.86],
    [20.03, 65.04, 0.84],
  ],
  fabric: [
    [79.45, 83.79, 87.46],
    [79.27, 83.8, 73.37],
  ],
  fruit_jelly: [
    [74.46, 87.35, 53.63],
    [74.11, 87.55, 52.62],
  ],
  rice: [
    [62.27, 72.0, 63.86],
    [63.89, 73.45, 63.23],
  ],
  sheet_metal: [
    [75.51, 87.68, 70.98],
    [73.54, 86.69, 70.92],
  ],
  vial: [
    [76.81, 84.61, 48.73],
    [69.59, 85.77, 48.83],
  ],
  wallplugs: [
    [62.2, 75.2, 14.38],
    [24.77, 72.66, 3.4],
  ],
  walnuts: [
    [77.05, 85.42, 67.13],
    [72.0, 83.95, 58.94],
  ],
}
const serverMean: readonly [Triple, Triple] = [
  [67.25, 79.62, 51.0],
  [59.65, 79.86, 46.52],
]

const splits = ['test_private', 'test_private_mixed'] as const

export const robisPreset: StepsPreset = {
  kind: 'steps',
  name: 'robis-mvtec-ad-2',
  title: 'RoBiS, a model for each product, MVTec AD 2',
  paper: 'arXiv 2505.21152',
  setting: 'single',
  dataset: 'MVTec AD 2',
  products: Object.keys(server),
  metrics: ['aupro05', 'classF1', 'segF1'],
  published: [
    { split: 'test_public', product: null, figures: { segF1: 46.9 } },
    ...splits.flatMap((split, i) => [
      ...Object.entries(server).map(([product, both]) => lineOf(split, product, both[i === 0 ? 0 : 1])),
      lineOf(split, null, serverMean[i === 0 ? 0 : 1]),
    ]),
  ],
  source:
    'README of github.com/HUST-SLOW/RoBiS, by the benchmark server; of the public split the ablation of the paper',
  differences: [
    'The public split has other light than the private ones: its figures cannot be compared with those of the server.',
    'Ranges and thresholds of the masks are taken from the tested split itself, as published.',
  ],
  measuredSplit: 'test_public',
  hiddenSplits: splits,
  encoder: 'dinov2reg_vit_base_14',
  backbone: 'dinov2reg-vit-b14',
  epochs: 200,
}

function lineOf(split: string, product: string | null, [aupro05, classF1, segF1]: Triple): PublishedLine {
  return { split, product, figures: { aupro05, classF1, segF1 } }
}
