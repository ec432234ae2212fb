/**
 * RoBiS's model: INP-Former (Luo et al., CVPR 2025, arXiv 2503.02424), which reconstructs the token maps of a
 * frozen backbone from a few normal prototypes taken out of the image itself.
 *
 * Paper mode follows the paper; assay mode is described in README.md with its measurements.
 */
import type { MethodDefinition } from '../method.ts'
import { fitInpFormer } from './fit.ts'
import { addPublishedMap } from './map.ts'
import { addInpFormerScores } from './score.ts'

export const inpFormer: MethodDefinition = {
  id: 'robis',
  learnsFrom: 'good',
  fit: fitInpFormer,
  addScores: addInpFormerScores,
  addPaperMap: addPublishedMap,
}
