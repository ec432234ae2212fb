/** Catalogue entries for the ResNets that torchvision publishes. */
import type { BackboneEntry } from '../entry.ts'
import { buildResNet } from './build.ts'
import { classifier, planResNet, type ResNetDesign } from './plan.ts'
import { prepareResNet } from './prepare.ts'

const published = { channels: 64, classes: 1000 }

export const resnetDesigns = {
  resnet18: { ...published, block: 'basic', depths: [2, 2, 2, 2], widening: 1 },
  resnet34: { ...published, block: 'basic', depths: [3, 4, 6, 3], widening: 1 },
  resnet50: { ...published, block: 'bottleneck', depths: [3, 4, 6, 3], widening: 1 },
  'wide-resnet50-2': { ...published, block: 'bottleneck', depths: [3, 4, 6, 3], widening: 2 },
} as const satisfies Readonly<Record<string, ResNetDesign>>

/** Describes a ResNet as a backbone; its weights are the entry `id` of the weights catalogue. */
export function createResNet(id: string, design: ResNetDesign): BackboneEntry {
  const plan = planResNet(design)
  return {
    card: {
      id,
      input: {
        multipleOf: 32,
        // Of ImageNet's training images.
        mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225],
        colour: 'rgb',
      },
      taps: plan.taps,
      // As PatchCore and its descendants, CRAS among them, take them.
      defaultTaps: ['layer2', 'layer3'],
      tokenTaps: ['layer2', 'layer3'],
    },
    weights: { published: id },
    tensors: plan.tensors,
    dispensable: Object.values(classifier),
    prepare: (checkpoint, taps) => prepareResNet(checkpoint, plan, taps),
    build: (g, x, weights, taps) => buildResNet(g, x, plan, weights, taps),
  }
}
