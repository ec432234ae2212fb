/**
 * PaDiM (Defard et al., ICPR 2020 workshops, arXiv 2011.08785): one Gaussian for each place of the picture.
 *
 * A patch is as strange as its Mahalanobis distance to the Gaussian of its place, so parts have to lie alike in all
 * pictures. README.md says what differs from the paper, with measurements.
 */
import type { MethodDefinition } from '../method.ts'
import { addUpsampled, addGaussian } from '../map.ts'
import { fitPadim, padimBytes } from './fit.ts'
import { addPadimScores } from './score.ts'

/** Of the published map, in pixels of the input; the image score is the map's maximum behind it. */
const publishedSigma = 4

export const padim: MethodDefinition = {
  id: 'padim',
  learnsFrom: 'good',
  fitBytes: padimBytes,
  fit: fitPadim,
  addScores: addPadimScores,
  addPaperMap: (g, grid, planes) => addGaussian(g, addUpsampled(g, grid, planes), publishedSigma),
}
