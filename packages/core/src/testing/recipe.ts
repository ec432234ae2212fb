/** The default recipe on the test backbone, small enough for a test. */
import { mergeRecipe, type PartialRecipe, type Recipe } from '@assay/contract'

export function testRecipe(...layers: readonly PartialRecipe[]): Recipe {
  return mergeRecipe(
    {
      input: { pixels: 64 * 64 },
      features: { backbone: 'test', taps: ['fine', 'coarse'] },
      memory: { size: 40, candidates: 400, neighbours: 2 },
      cras: { steps: 12, batch: 4, patchesPerImage: 16, damagedImages: 4 },
      score: { sigma: 2 },
    },
    ...layers,
  )
}
