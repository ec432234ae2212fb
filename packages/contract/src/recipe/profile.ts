/** What profiles and methods change of the default. */
import type { ProfileName } from './name.ts'
import type { PartialRecipe, Recipe } from './schema.ts'

/** What each profile changes, per method. Measured in docs/decisions. */
export const profiles: Record<ProfileName, PartialRecipe> = {
  fast: {
    input: { pixels: 65_536 },
    memory: { size: 1000, candidates: 20_000, neighbours: 1 },
    cras: { headInputs: ['feature+residual'], steps: 200, damagedImages: 100 },
  },
  balanced: {},
  accurate: { input: { scales: [1, 2 / 3] } },
}

/** What RoBiS wants otherwise than the other methods, by profile; laid over `profiles`. */
export const robisProfiles: Record<ProfileName, PartialRecipe> = {
  fast: { features: robisFeatures(), inpFormer: { steps: 300 } },
  balanced: { features: robisFeatures() },
  accurate: { features: robisFeatures(), input: { scales: [1] }, inpFormer: { steps: 1800 } },
}

/** What PaDiM wants otherwise than the other methods; laid over `profiles`. */
export const padimLayer: PartialRecipe = { score: { topShare: 0 } }

export function robisFeatures(): Partial<Recipe['features']> {
  return {
    pooling: 'tokens',
    dimension: 192,
    groups: 2,
    neighbourhood: 1,
    transform: 'signed-sqrt',
    balance: false,
    tapWeights: [],
  }
}
