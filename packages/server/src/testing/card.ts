/** A card as a training would write it, for rows of models that are never opened. */
import { defaultRecipe, type Card } from '@assay/contract'

export function createCard(threshold = 2): Card {
  return {
    version: 1,
    assay: '0.1.0',
    method: 'patchcore',
    recipe: defaultRecipe,
    sees: 'good',
    weights: {
      backbone: 'efficientnet-lite0',
      origin: 'test',
      licence: 'Apache-2.0',
      sha256: '0'.repeat(64),
    },
    data: { images: 10, sha256: '0'.repeat(64) },
    products: [
      {
        name: 'part',
        height: 64,
        width: 64,
        window: null,
        trainingImages: 8,
        heldOutImages: 2,
        image: { threshold, scale: 0.5 },
        pixel: { threshold, scale: 0.5 },
        mask: [null],
        falseAlarms: 0.05,
        heldOutAbove: 0,
        unsure: null,
        aims: null,
        promised: null,
        zones: null,
        history: [],
      },
    ],
    view: null,
    samples: [],
    parity: [],
    tools: {},
  }
}
