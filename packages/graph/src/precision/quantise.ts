/**
 * Layers in int8: weights rounded per output channel, what flows between them rounded to the range that pictures
 * showed, written as QuantizeLinear and DequantizeLinear, which every runtime of ONNX understands and which those
 * with integer kernels take together.
 *
 * Weights keep 7 bits. With 8, the products of two neighbours can exceed 16 bits, where processors without VNNI
 * clip in silence: the same file would judge differently on two machines.
 */
import { onnxTypes } from '../onnx/data-type.ts'
import { OnnxFormatError } from '../onnx/format-error.ts'
import type { NodeProto, TensorProto } from '../onnx/onnx_pb.ts'
import {
  constantBehind,
  editModel,
  floatsOf,
  makeNode,
  shapeOf,
  weightsOf,
  type Edit,
  type NameTest,
} from './edit.ts'
import type { Range } from './observe.ts'
import { endOf, planQuantisation, type QuantisePlan } from './quantise-plan.ts'

/** Signed, symmetric. */
const largestWeight = 63
/** Unsigned, with a zero point. */
const largestActivation = 255
/** As numbered by ONNX; not among the element types of our own graphs. */
const int8 = 3

interface Rounded {
  readonly scale: number
  readonly zero: number
  /** Names of the constants. */
  readonly inputs: readonly [scale: string, zero: string]
  /** The tensor after rounding. */
  readonly name: string
}

/**
 * The same model with the layers whose weights `isWeight` takes in int8, except those that read the picture. `ranges`
 * are those of `tensorsToObserve` for the same choice. Throws OnnxFormatError if the bytes are no model.
 */
export function quantiseModel(
  bytes: Uint8Array,
  isWeight: NameTest,
  ranges: ReadonlyMap<string, Range>,
): Uint8Array {
  return editModel(bytes, (edit) => {
    const plan = planQuantisation(edit, isWeight)
    const before: NodeProto[] = []
    const after = new Map<NodeProto | undefined, NodeProto[]>()
    const rounded = new Map<string, Rounded>()
    for (const tensor of plan.tensors) {
      const range = ranges.get(tensor)
      if (range === undefined) throw new Error(`internal: the range of ${tensor} was not observed`)
      const found = describe(edit, tensor, range)
      rounded.set(tensor, found)
      const bits = edit.freshName(`${tensor}.quantised`)
      after.set(edit.makers.get(tensor), [
        makeNode('QuantizeLinear', [tensor, ...found.inputs], bits),
        makeNode('DequantizeLinear', [bits, ...found.inputs], found.name),
      ])
    }
    for (const node of plan.layers) {
      const input = rounded.get(node.input[0] ?? '')
      const weights = weightsOf(edit, node, isWeight)
      if (input === undefined || weights === undefined) throw new Error('internal: a layer without its parts')
      node.input = [input.name, ...roundConstants(edit, node, weights, input.scale, before)]
    }
    redirect(edit, plan, rounded)
    edit.graph.node = [...before, ...edit.graph.node.flatMap((node) => [node, ...(after.get(node) ?? [])])]
  })
}

function describe(edit: Edit, tensor: string, { min, max }: Range): Rounded {
  // Zero has to be a step of its own: padding is exact.
  const [low, high] = [Math.min(0, min), Math.max(0, max)]
  const scale = Math.fround((high - low) / largestActivation) || 1
  const zero = Math.round(-low / scale)
  const name = (stem: string): string => `${tensor}.${stem}`
  const inputs = [
    edit.addConstant({
      name: name('scale'),
      dataType: onnxTypes.float32,
      shape: [],
      data: Float32Array.of(scale),
    }),
    edit.addConstant({
      name: name('zero'),
      dataType: onnxTypes.uint8,
      shape: [],
      data: Uint8Array.of(zero),
    }),
  ] as const
  return { scale, zero, inputs, name: edit.freshName(name('rounded')) }
}

/** Weights and bias of a layer as the names that stand for them; the nodes that make these go to `before`. */
function roundConstants(
  edit: Edit,
  node: NodeProto,
  weights: TensorProto,
  inputScale: number,
  before: NodeProto[],
): readonly string[] {
  const values = floatsOf(weights)
  if (values === undefined) throw new OnnxFormatError(`the weights "${weights.name}" are not in the file`)
  const shape = shapeOf(weights)
  const axis = channelAxis(node)
  const { scales, data } = roundWeights(values, shape, axis)
  const dequantise = (
    name: string,
    dataType: number,
    dims: readonly number[],
    bits: Int8Array | Int32Array,
    steps: Float32Array,
  ): string => {
    const result = edit.freshName(`${name}.rounded`)
    const inputs = [
      edit.addConstant({ name: `${name}.quantised`, dataType, shape: dims, data: bits }),
      edit.addConstant({
        name: `${name}.scale`,
        dataType: onnxTypes.float32,
        shape: [steps.length],
        data: steps,
      }),
    ]
    before.push(makeNode('DequantizeLinear', inputs, result, { axis: dims.length === 1 ? 0 : axis }))
    return result
  }
  const own = dequantise(weights.name, int8, shape, data, scales)
  const [, , bias = ''] = node.input
  const constant = bias === '' ? undefined : constantBehind(edit, bias)
  const offsets = constant === undefined ? undefined : floatsOf(constant)
  // What is not one number for each channel is added as it is.
  if (constant === undefined || offsets?.length !== scales.length) return bias === '' ? [own] : [own, bias]
  const steps = scales.map((scale) => scale * inputScale)
  const bits = Int32Array.from(offsets, (v, i) => clampInt32(Math.round(v / (steps[i] ?? 1))))
  return [own, dequantise(constant.name, onnxTypes.int32, [bits.length], bits, steps)]
}

/** Symmetric per channel: one scale for each, and the bits in the shape of the weights. */
function roundWeights(values: Float32Array, shape: readonly number[], axis: number) {
  const channels = shape[axis] ?? 1
  const inner = shape.slice(axis + 1).reduce((product, d) => product * d, 1)
  const channelOf = (i: number): number => Math.floor(i / inner) % channels
  const scales = new Float32Array(channels)
  for (const [i, v] of values.entries()) {
    const c = channelOf(i)
    scales[c] = Math.max(scales[c]!, Math.abs(v) / largestWeight)
  }
  for (const [c, scale] of scales.entries()) if (scale === 0) scales[c] = 1
  const data = Int8Array.from(values, (v, i) => Math.round(v / scales[channelOf(i)]!))
  return { scales, data }
}

/** The axis of output channels in the weights. */
function channelAxis({ opType, attribute }: NodeProto): number {
  const isTransposed = attribute.some(({ name, i }) => name === 'transB' && i !== 0n)
  return opType === 'Conv' || isTransposed ? 0 : 1
}

function clampInt32(value: number): number {
  return Math.min(2 ** 31 - 1, Math.max(-(2 ** 31), value))
}

/**
 * Lets everything that reads a rounded convolution read the rounded tensor, or the integers would not stay together;
 * what is outside of the layers keeps reading exact sums and inputs.
 */
function redirect(
  edit: Edit,
  { layers, sums, tensors }: QuantisePlan,
  rounded: ReadonlyMap<string, Rounded>,
): void {
  const ends = new Set([...layers].filter(({ opType }) => opType === 'Conv').map((node) => endOf(edit, node)))
  for (const tensor of tensors) {
    const found = rounded.get(tensor)
    if (found === undefined) continue
    for (const reader of edit.readers.get(tensor) ?? [])
      if (ends.has(tensor) || sums.has(reader))
        reader.input = reader.input.map((name) => (name === tensor ? found.name : name))
  }
}
