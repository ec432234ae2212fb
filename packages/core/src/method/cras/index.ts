/**
 * CRAS: centre-aware residual anomaly synthesis (Chen et al. 2025, arXiv 2505.17551).
 *
 * Paper mode follows the paper; assay mode is described in README.md with its measurements.
 */
import { bankBytes } from '../../memory/bank.ts'
import type { MethodDefinition } from '../method.ts'
import { fitCras } from './fit.ts'
import { poolBytes } from './pool.ts'
import { addCrasScores, addPaperRoute } from './score.ts'

export const cras: MethodDefinition = {
  id: 'cras',
  learnsFrom: 'good',
  fitBytes: (size) => (size.recipe.cras.centres === 'coreset' ? bankBytes(size) + poolBytes(size) : 0),
  fit: fitCras,
  addScores: addCrasScores,
  addRoute: addPaperRoute,
}
