/**
 * The EfficientNet-Lite family as a list of convolutions.
 *
 * EfficientNet-Lite is EfficientNet (Tan and Le, 2019) without squeeze-and-excitation and with ReLU6. Width
 * and depth grow with the variant, but stem and last stage keep theirs: the stem has 32 channels, and stages 1
 * and 7 one block. Stages are counted from 1, without the stem. The classifier behind stage 7 is left out.
 */
import type { BackboneTap } from '../card.ts'

export type EfficientNetLiteVariant = 'lite0' | 'lite1' | 'lite2'

/** One convolution with its folded batch norm. */
export interface ConvPlan {
  /** `stem`, or `stage<k>.<block>.<role>`; the weights are `<name>.weight` and `<name>.bias`. */
  readonly name: string
  readonly role: 'stem' | 'expand' | 'depthwise' | 'project'
  readonly input: number
  readonly output: number
  readonly kernel: 1 | 3 | 5
  readonly stride: 1 | 2
  readonly groups: number
  /** Adds the block's input to the result. Projections only. */
  readonly isResidual: boolean
  /** The tap that the result is, where it is one. */
  readonly tap: string | undefined
  /** Prefixes of the two layers in the PyTorch checkpoint. */
  readonly source: { readonly conv: string; readonly norm: string }
}

export interface EfficientNetLitePlan {
  readonly variant: EfficientNetLiteVariant
  /** In the order of computation; `expand`, `depthwise` and `project` of a block follow each other. */
  readonly convs: readonly ConvPlan[]
  readonly taps: readonly BackboneTap[]
}

const multipliers: Readonly<
  Record<EfficientNetLiteVariant, { readonly width: number; readonly depth: number }>
> = {
  lite0: { width: 1, depth: 1 },
  lite1: { width: 1, depth: 1.1 },
  lite2: { width: 1.1, depth: 1.2 },
}

const stemChannels = 32
const stages = [
  { expansion: 1, kernel: 3, stride: 1, channels: 16, blocks: 1 },
  { expansion: 6, kernel: 3, stride: 2, channels: 24, blocks: 2 },
  { expansion: 6, kernel: 5, stride: 2, channels: 40, blocks: 2 },
  { expansion: 6, kernel: 3, stride: 2, channels: 80, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 1, channels: 112, blocks: 3 },
  { expansion: 6, kernel: 5, stride: 2, channels: 192, blocks: 4 },
  { expansion: 6, kernel: 3, stride: 1, channels: 320, blocks: 1 },
] as const

/**
 * Lists the convolutions up to and with the one that gives `lastTap` (all of them by default). A tap is either
 * the output of a stage, `stage3`, or the wide activation inside a block: its 1x1 convolution and ReLU6. Inside
 * the first block, `stage3.expand`, that is still at the resolution of the stage before; inside the others,
 * `stage3.1.expand`, at the stage's own. Stage 1 does not expand.
 */
export function planEfficientNetLite(
  variant: EfficientNetLiteVariant,
  lastTap?: string,
): EfficientNetLitePlan {
  const { width, depth } = multipliers[variant]
  const convs: ConvPlan[] = [
    {
      name: 'stem',
      role: 'stem',
      input: 3,
      output: stemChannels,
      kernel: 3,
      stride: 2,
      groups: 1,
      isResidual: false,
      tap: undefined,
      source: { conv: '_conv_stem', norm: '_bn0' },
    },
  ]
  const taps: BackboneTap[] = []
  let reach = 2
  let input = stemChannels
  let number = 0
  const tapHere = (name: string, channels: number): string => {
    taps.push({ name, channels, stride: reach })
    return name
  }

  for (const [i, { expansion, kernel, stride, channels, blocks }] of stages.entries()) {
    const stage = `stage${i + 1}`
    const output = scaleChannels(channels, width)
    const isEnd = i === 0 || i === stages.length - 1
    const repeats = isEnd ? blocks : Math.ceil(blocks * depth)
    for (let block = 0; block < repeats; block++, number++) {
      const name = `${stage}.${block}`
      const source = `_blocks.${number}.`
      const wide = input * expansion
      const plain = { kernel: 1, stride: 1, groups: 1, isResidual: false, tap: undefined } as const
      if (expansion > 1) {
        convs.push({
          ...plain,
          name: `${name}.expand`,
          role: 'expand',
          input,
          output: wide,
          tap: tapHere(block === 0 ? `${stage}.expand` : `${name}.expand`, wide),
          source: { conv: `${source}_expand_conv`, norm: `${source}_bn0` },
        })
      }
      if (block === 0) reach *= stride
      convs.push(
        {
          ...plain,
          name: `${name}.depthwise`,
          role: 'depthwise',
          input: wide,
          output: wide,
          kernel,
          stride: block === 0 ? stride : 1,
          groups: wide,
          source: { conv: `${source}_depthwise_conv`, norm: `${source}_bn1` },
        },
        {
          ...plain,
          name: `${name}.project`,
          role: 'project',
          input: wide,
          output,
          isResidual: block > 0,
          tap: block === repeats - 1 ? tapHere(stage, output) : undefined,
          source: { conv: `${source}_project_conv`, norm: `${source}_bn2` },
        },
      )
      input = output
    }
  }
  if (lastTap === undefined) return { variant, convs, taps }
  const lastConv = convs.findIndex(({ tap }) => tap === lastTap)
  if (lastConv < 0) throw new Error(`internal: EfficientNet-${variant} has no tap "${lastTap}"`)
  return {
    variant,
    convs: convs.slice(0, lastConv + 1),
    taps: taps.slice(0, taps.findIndex(({ name }) => name === lastTap) + 1),
  }
}

/** Shape of a convolution's weight, `[out, in / groups, kernel, kernel]`. */
export function weightShape({
  output,
  input,
  groups,
  kernel,
}: ConvPlan): readonly [number, number, number, number] {
  return [output, input / groups, kernel, kernel]
}

/** Names and shapes of the folded weights and biases. */
export function foldedShapes(convs: readonly ConvPlan[]): ReadonlyMap<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>()
  for (const conv of convs) {
    shapes.set(`${conv.name}.weight`, weightShape(conv))
    shapes.set(`${conv.name}.bias`, [conv.output])
  }
  return shapes
}

/** The convolutions that the taps need. */
export function convsUpTo({ convs }: EfficientNetLitePlan, taps: readonly string[]): readonly ConvPlan[] {
  return convs.slice(0, convs.findLastIndex(({ tap }) => tap !== undefined && taps.includes(tap)) + 1)
}

/** Channels times width, to the nearest multiple of 8, but never more than a tenth below. */
function scaleChannels(channels: number, width: number): number {
  const wanted = channels * width
  const rounded = Math.max(8, Math.floor((wanted + 4) / 8) * 8)
  return rounded < 0.9 * wanted ? rounded + 8 : rounded
}
