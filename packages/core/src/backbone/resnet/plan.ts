/**
 * The ResNet family as a list of blocks (He et al. 2015; wide variants: Zagoruyko and Komodakis 2016).
 *
 * As torchvision publishes it: the stride of a bottleneck lies on its 3x3 convolution ("v1.5"), and names are
 * those of the state dict. The four layers are the taps; the classifier behind them is never built.
 */
import type { BackboneTap } from '../card.ts'

export interface ResNetDesign {
  readonly block: 'basic' | 'bottleneck'
  /** Blocks of each of the four layers. */
  readonly depths: readonly [number, number, number, number]
  /** Channels of the stem, 64 in all published ones; every layer after the first doubles. */
  readonly channels: number
  /** Inner width of a bottleneck over that of the plain one. */
  readonly widening: number
  /** Outputs of the classifier. */
  readonly classes: number
}

/** One convolution and the batch norm behind it. */
export interface ConvPlan {
  /** Prefix of the weight in the state dict, `layer1.0.conv1`; the folded tensors are `<name>.weight` and `.bias`. */
  readonly name: string
  /** Prefix of the batch norm, `layer1.0.bn1`. */
  readonly norm: string
  readonly input: number
  readonly output: number
  readonly kernel: 1 | 3 | 7
  readonly stride: 1 | 2
}

export interface BlockPlan {
  /** One after the other, a ReLU behind each; that of the last comes after the shortcut is added. */
  readonly convs: readonly ConvPlan[]
  /** Brings the block's input to the size of its output; null where it has that size. */
  readonly shortcut: ConvPlan | null
  /** The tap that the block's output is, where it is one. */
  readonly tap: string | null
}

/** The classifier, which feature extractors are often saved without. */
export const classifier = { weight: 'fc.weight', bias: 'fc.bias' } as const

export interface ResNetPlan {
  readonly stem: ConvPlan
  readonly blocks: readonly BlockPlan[]
  readonly taps: readonly BackboneTap[]
  /** Names and shapes of the published file, batch counters left out. */
  readonly tensors: ReadonlyMap<string, readonly number[]>
}

/** Lists the blocks of a design. */
export function planResNet({ block, depths, channels, widening, classes }: ResNetDesign): ResNetPlan {
  const stem: ConvPlan = { name: 'conv1', norm: 'bn1', input: 3, output: channels, kernel: 7, stride: 2 }
  const expansion = block === 'bottleneck' ? 4 : 1
  const blocks: BlockPlan[] = []
  const taps: BackboneTap[] = []
  let input = channels
  for (const [i, depth] of depths.entries()) {
    const layer = `layer${i + 1}`
    const planes = channels * 2 ** i
    const output = planes * expansion
    taps.push({ name: layer, channels: output, stride: 4 * 2 ** i })
    for (let b = 0; b < depth; b++) {
      const prefix = `${layer}.${b}`
      const stride = i > 0 && b === 0 ? 2 : 1
      const shape = { input, output, stride } as const
      blocks.push({
        convs:
          block === 'basic' ? basicConvs(prefix, shape) : bottleneckConvs(prefix, shape, planes * widening),
        shortcut:
          stride !== 1 || input !== output
            ? { ...shape, name: `${prefix}.downsample.0`, norm: `${prefix}.downsample.1`, kernel: 1 }
            : null,
        tap: b === depth - 1 ? layer : null,
      })
      input = output
    }
  }
  return { stem, blocks, taps, tensors: listTensors(stem, blocks, [classes, input]) }
}

/** The blocks that the taps need. */
export function blocksUpTo({ blocks }: ResNetPlan, taps: readonly string[]): readonly BlockPlan[] {
  return blocks.slice(0, blocks.findLastIndex(({ tap }) => tap !== null && taps.includes(tap)) + 1)
}

/** The convolutions of blocks, each block's shortcut last. */
export function convsOf(blocks: readonly BlockPlan[]): readonly ConvPlan[] {
  return blocks.flatMap(({ convs, shortcut }) => (shortcut === null ? convs : [...convs, shortcut]))
}

/** Shape of a convolution's weight, `[out, in, kernel, kernel]`. */
export function weightShape({ input, output, kernel }: ConvPlan): readonly number[] {
  return [output, input, kernel, kernel]
}

interface BlockShape {
  readonly input: number
  readonly output: number
  readonly stride: 1 | 2
}

function basicConvs(prefix: string, { input, output, stride }: BlockShape): ConvPlan[] {
  return [
    { name: `${prefix}.conv1`, norm: `${prefix}.bn1`, input, output, kernel: 3, stride },
    { name: `${prefix}.conv2`, norm: `${prefix}.bn2`, input: output, output, kernel: 3, stride: 1 },
  ]
}

function bottleneckConvs(prefix: string, { input, output, stride }: BlockShape, width: number): ConvPlan[] {
  return [
    { name: `${prefix}.conv1`, norm: `${prefix}.bn1`, input, output: width, kernel: 1, stride: 1 },
    { name: `${prefix}.conv2`, norm: `${prefix}.bn2`, input: width, output: width, kernel: 3, stride },
    { name: `${prefix}.conv3`, norm: `${prefix}.bn3`, input: width, output, kernel: 1, stride: 1 },
  ]
}

function listTensors(
  stem: ConvPlan,
  blocks: readonly BlockPlan[],
  outputs: readonly [classes: number, channels: number],
): ReadonlyMap<string, readonly number[]> {
  const tensors = new Map<string, readonly number[]>()
  for (const conv of [stem, ...convsOf(blocks)]) {
    tensors.set(`${conv.name}.weight`, weightShape(conv))
    for (const part of ['weight', 'bias', 'running_mean', 'running_var'])
      tensors.set(`${conv.norm}.${part}`, [conv.output])
  }
  tensors.set(classifier.weight, outputs)
  tensors.set(classifier.bias, [outputs[0]])
  return tensors
}
