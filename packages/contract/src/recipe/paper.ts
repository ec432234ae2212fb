/** The methods as published. */
import { robisFeatures } from './profile.ts'
import type { PartialRecipe } from './schema.ts'

/** RoBiS as published, without its binarisation. */
export function robisPaperRecipe(): PartialRecipe {
  return {
    mode: 'paper',
    input: {
      fit: 'tiles',
      window: 1024,
      overlap: 0.1,
      edge: 'pad',
      pixels: 518 * 518,
      multipleOf: 14,
      scales: [1],
    },
    features: {
      ...robisFeatures(),
      backbone: 'dinov2reg-vit-b14',
      dimension: 0,
      transform: 'none',
    },
    inpFormer: {
      prototypes: 6,
      headWidth: 64,
      blocks: 8,
      exponent: 3,
      coherence: 0.2,
      steps: 0,
      epochs: 200,
      batch: 16,
      tokensPerImage: 0,
      rate: 1e-3,
      finalRate: 1e-4,
      warmupSteps: 100,
      decay: 1e-4,
      gradientNorm: 0.1,
    },
    score: { topShare: 0.01 },
  }
}

/** PaDiM as published with a ResNet-18. */
export function padimPaperRecipe(): PartialRecipe {
  return {
    mode: 'paper',
    input: { fit: 'short-side-crop', scales: [1], resize: 256, crop: 224 },
    features: {
      backbone: 'resnet18',
      taps: ['layer1', 'layer2', 'layer3'],
      neighbourhood: 1,
      pooling: 'mean',
      dimension: 0,
      transform: 'none',
      balance: false,
      tapWeights: [],
    },
    padim: { dimensions: 100, ridge: 'absolute', ridgeScale: 0.01 },
    score: { topShare: 0, sigma: 4 },
  }
}

/** CRAS as published (methods.md 1 to 11), for one product or for several. */
export function paperRecipe(products: number): PartialRecipe {
  return {
    mode: 'paper',
    input: { fit: 'short-side-crop', scales: [1], resize: 329, crop: 288 },
    features: { pooling: 'adaptive', dimension: 1536, neighbourhood: 3, transform: 'none', balance: false },
    cras: {
      centres: 'position-mean',
      adaptor: 'xavier',
      refreshCentres: false,
      headInputs: ['feature+residual'],
      layers: 3,
      hidden: 0,
      leak: 0.2,
      noise: 'absolute',
      noiseScale: 0.015,
      damagedShare: 0,
      distanceGuide: 0.3,
      steps: 0,
      stepsPerExtraProduct: 0,
      epochs: products === 1 ? 640 : 100,
      limit: -1,
      batch: products === 1 ? 8 : 32,
      patchesPerImage: 0,
      distanceInScore: 0,
      distanceInMap: 0,
    },
    score: { topShare: 0, sigma: 4 },
  }
}
