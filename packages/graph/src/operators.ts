/**
 * Everything that can be said to a graph builder, one method per operator.
 *
 * The same words serve whoever builds a model and the gradient rules of the operators themselves. Axes may be
 * negative; elementwise operators broadcast as numpy does; images are `[N, C, H, W]`. Conventions where
 * frameworks differ (ties, clamping, rounding) follow PyTorch and are stated at each operator.
 */
import type { DeferredTensor, DType, Tensor, TensorData } from './dtype.ts'
import type { Dim, Shape } from './shape.ts'
import type { Operand, Value } from './value.ts'

export interface ReduceOptions {
  /** Axes to reduce; all of them when absent. */
  readonly axes?: readonly number[]
  /** Keep reduced axes with size 1. Default false. */
  readonly keepDims?: boolean
}

export interface AxisOptions {
  readonly axis: number
}

export interface SliceOptions {
  readonly axes: readonly number[]
  /** First position along each axis; negative counts from the end. */
  readonly starts: readonly number[]
  /** One past the last position; negative counts from the end, `Infinity` is the end. */
  readonly ends: readonly number[]
  /** Distances, by default 1. A negative one walks backwards; then `ends` of `-Infinity` includes position 0. */
  readonly steps?: readonly number[]
}

export interface PadOptions {
  /** One `[before, after]` per axis of the tensor. */
  readonly pads: readonly (readonly [number, number])[]
  /** `reflect` mirrors without repeating the edge. Default `constant`. */
  readonly mode?: 'constant' | 'reflect' | 'edge'
  /** Filling of `constant`, by default 0. */
  readonly value?: number
}

/** `[top, left, bottom, right]`, or one number for all four, or `same` as TensorFlow pads. */
export type Pads = number | readonly [number, number, number, number] | 'same'

export interface ConvOptions {
  readonly strides?: number | readonly [number, number]
  readonly pads?: Pads
  readonly dilations?: number | readonly [number, number]
  readonly group?: number
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns added at the bottom and right of the result. */
  readonly outputPadding?: readonly [number, number]
}

export interface PoolOptions {
  readonly kernel: number | readonly [number, number]
  /** Default: the kernel. */
  readonly strides?: number | readonly [number, number]
  readonly pads?: Pads
}

export interface AveragePoolOptions extends PoolOptions {
  /** Divide by the whole window even where it hangs over the edge. Default true, as in torch. */
  readonly countIncludePad?: boolean
}

export interface ResizeOptions {
  /** `[height, width]`, fixed or as an int64 value of two elements. One of sizes, scales and like is given. */
  readonly sizes?: readonly [number, number] | Value
  readonly scales?: readonly [number, number]
  /** Height and width of this `[N, C, H, W]` value, fixed or named. */
  readonly like?: Value
  readonly mode: 'nearest' | 'linear' | 'cubic'
  /** half-pixel is align_corners=False of torch, align-corners its True, asymmetric what its nearest does. */
  readonly coordinates: 'half-pixel' | 'align-corners' | 'asymmetric'
  /** Default -0.75, as in torch; PIL takes -0.5. */
  readonly cubicCoefficient?: number
}

export interface BatchNormParameters {
  /** All of shape `[C]`. */
  readonly scale: Value
  readonly bias: Value
  readonly mean: Value
  readonly variance: Value
  /** Default 1e-5. */
  readonly eps?: number
}

export interface BatchNormTrainingParameters extends BatchNormParameters {
  /** Weight of the batch in the running statistics, as in torch. Default 0.1. */
  readonly momentum?: number
}

export interface RandomNormalOptions {
  /** Fixes the stream of a session, which goes on from run to run. */
  readonly seed: number
  readonly mean?: number
  readonly scale?: number
  /** Default float32. */
  readonly dtype?: 'float32' | 'float64'
}

export interface Operators {
  /** A tensor as part of the graph; `name` is kept in the ONNX file. */
  constant(tensor: Tensor, name?: string): Value
  /** Numbers that are read only when the model is written; see `writeOnnxExternal`. */
  constant(tensor: Tensor | DeferredTensor, name: string): Value
  constant(data: TensorData | readonly number[], shape: readonly number[], dtype?: DType): Value

  add(a: Operand, b: Operand): Value
  sub(a: Operand, b: Operand): Value
  mul(a: Operand, b: Operand): Value
  div(a: Operand, b: Operand): Value
  /** a^b. The gradient with respect to b needs positive a. */
  pow(a: Operand, b: Operand): Value
  /** Where both are equal, each gets half of the gradient. */
  minimum(a: Operand, b: Operand): Value
  /** Where both are equal, each gets half of the gradient. */
  maximum(a: Operand, b: Operand): Value

  neg(x: Value): Value
  /** Derivative 0 at 0. */
  abs(x: Value): Value
  exp(x: Value): Value
  log(x: Value): Value
  sqrt(x: Value): Value
  square(x: Value): Value
  reciprocal(x: Value): Value
  sin(x: Value): Value
  cos(x: Value): Value
  tanh(x: Value): Value
  sigmoid(x: Value): Value
  softplus(x: Value): Value
  /** Derivative 0 at 0. */
  relu(x: Value): Value
  /** `slope` times x where x is not positive. Default slope 0.01. */
  leakyRelu(x: Value, slope?: number): Value
  erf(x: Value): Value
  /** Exact (erf) form. */
  gelu(x: Value): Value
  /** Limits x. The gradient passes strictly within the limits, as in torch 2.15 (older ones count the limits in). */
  clip(x: Value, limits: { readonly min?: number; readonly max?: number }): Value
  floor(x: Value): Value
  ceil(x: Value): Value
  /** Halves go to the even neighbour. */
  round(x: Value): Value
  sign(x: Value): Value

  equal(a: Operand, b: Operand): Value
  greater(a: Operand, b: Operand): Value
  less(a: Operand, b: Operand): Value
  greaterOrEqual(a: Operand, b: Operand): Value
  lessOrEqual(a: Operand, b: Operand): Value
  not(x: Value): Value
  and(a: Value, b: Value): Value
  or(a: Value, b: Value): Value
  /** a where the condition holds, else b. */
  where(condition: Value, a: Operand, b: Operand): Value
  /** Floats to integers truncate. A gradient passes only from float to float. */
  cast(x: Value, dtype: DType): Value
  /** x; no gradient flows back through it. */
  stopGradient(x: Value): Value
  /** x; the gradient that flows back is multiplied by `factor`, which broadcasts to x and gets none itself. */
  scaleGradient(x: Value, factor: Value): Value

  sum(x: Value, options?: ReduceOptions): Value
  /** Sum of squares, in one pass. */
  sumSquares(x: Value, options?: ReduceOptions): Value
  mean(x: Value, options?: ReduceOptions): Value
  /** Largest value; equal ones share the gradient evenly, as torch's amax. */
  max(x: Value, options?: ReduceOptions): Value
  min(x: Value, options?: ReduceOptions): Value
  /** 2-norm. Derivative 0 where the norm is 0. */
  norm(x: Value, options?: ReduceOptions): Value
  /** int64; the first of equal ones. */
  argMax(x: Value, options: AxisOptions & { readonly keepDims?: boolean }): Value
  argMin(x: Value, options: AxisOptions & { readonly keepDims?: boolean }): Value
  /**
   * The k largest (or smallest) along an axis (default the last), sorted, and their int64 indices. k is fixed,
   * or an int64 value `[1]`; then there is no gradient.
   */
  topK(
    x: Value,
    k: number | Value,
    options?: { readonly axis?: number; readonly largest?: boolean },
  ): { readonly values: Value; readonly indices: Value }
  /** Sums x to a shape that broadcasts to its own; the counterpart of broadcasting in gradients. */
  sumTo(x: Value, shape: Shape): Value
  /** How many elements lie along the axes (default all), as a scalar of x's float type. */
  countOf(x: Value, axes?: readonly number[]): Value

  softmax(x: Value, options: AxisOptions): Value
  logSoftmax(x: Value, options: AxisOptions): Value
  /** x / max(norm(x), eps) along an axis. Default eps 1e-12. */
  normalise(x: Value, options: AxisOptions & { readonly eps?: number }): Value
  /** Along an axis, which disappears; each norm is at least eps. Default 1e-8. */
  cosineSimilarity(a: Value, b: Value, options: AxisOptions & { readonly eps?: number }): Value

  /** 0 copies the size at the same place of x, one -1 takes what is left, names must be known in the graph. */
  reshape(x: Value, shape: Shape): Value
  transpose(x: Value, permutation: readonly number[]): Value
  squeeze(x: Value, axes: readonly number[]): Value
  /** Axes of the result. */
  unsqueeze(x: Value, axes: readonly number[]): Value
  expand(x: Value, shape: Shape): Value
  concat(xs: readonly Value[], options: AxisOptions): Value
  /** Cuts an axis into parts of fixed or named size. */
  split(x: Value, sizes: readonly Dim[], options: AxisOptions): Value[]
  /** Parts of x. A named size must be at least as long as fixed positions reach. */
  slice(x: Value, options: SliceOptions): Value
  pad(x: Value, options: PadOptions): Value
  tile(x: Value, repeats: readonly number[]): Value
  /** Takes slices along an axis; the result's shape has that of `indices` in place of the axis. */
  gather(x: Value, indices: Value, options: AxisOptions): Value
  /** As torch.gather: one index for each element of the result. */
  gatherElements(x: Value, indices: Value, options: AxisOptions): Value
  /** Adds slices of `updates` into zeros: the counterpart of gather. `size` is the length of the axis made. */
  scatterAdd(updates: Value, indices: Value, options: AxisOptions & { readonly size: Dim }): Value
  /** Adds each element of `updates` into zeros of the given shape: the counterpart of gatherElements. */
  scatterElementsAdd(updates: Value, indices: Value, options: AxisOptions & { readonly shape: Shape }): Value
  /** int64 indices to a new last axis of 0 and 1 of length `depth`. */
  oneHot(indices: Value, depth: number, options?: { readonly dtype?: DType }): Value
  /** int64 [rank]. */
  shapeOf(x: Value): Value
  /** start, start + delta, ... before limit; scalars of one element type. */
  range(start: Operand, limit: Operand, delta: Operand): Value
  /** A constant spread over a shape. */
  fill(value: number, shape: Shape, dtype?: DType): Value
  /** Identity matrix `[size, size]`. */
  eye(size: Dim, dtype?: DType): Value

  /** Batched, with broadcasting of the leading axes; one-dimensional operands as numpy treats them. */
  matmul(a: Value, b: Value): Value
  /** alpha * op(a) op(b) + beta * c for matrices; c broadcasts to the result. */
  gemm(
    a: Value,
    b: Value,
    c?: Value,
    options?: {
      readonly transA?: boolean
      readonly transB?: boolean
      readonly alpha?: number
      readonly beta?: number
    },
  ): Value

  /** Weights `[O, C / group, kh, kw]`, bias `[O]`. */
  conv(x: Value, w: Value, bias?: Value, options?: ConvOptions): Value
  /** Weights `[C, O / group, kh, kw]`, bias `[O]`. */
  convTranspose(x: Value, w: Value, bias?: Value, options?: ConvTransposeOptions): Value
  /** Of equal values in a window the first in reading order gets the gradient. */
  maxPool(x: Value, options: PoolOptions): Value
  averagePool(x: Value, options: AveragePoolOptions): Value
  /** `[N, C, 1, 1]`. */
  globalAveragePool(x: Value): Value
  /** Bins of torch: from floor(i * in / out) to ceil((i + 1) * in / out). Fixed height and width. */
  adaptiveAveragePool(x: Value, sizes: readonly [number, number]): Value
  resize(x: Value, options: ResizeOptions): Value
  /** What `dy` at the result of a convolution means for its input; `x` gives the shape alone. */
  convInputGrad(dy: Value, w: Value, x: Value, options?: ConvOptions): Value
  /** What `dy` at the result of a convolution means for its weights. */
  convWeightGrad(x: Value, dy: Value, kernel: readonly [number, number], options?: ConvOptions): Value
  /** Adds `dy` at the places that maxPool took its values from; `x` gives the shape alone. */
  maxPoolGrad(dy: Value, places: Value, x: Value): Value

  /** With given statistics, for inference. Channels are axis 1. */
  batchNorm(x: Value, parameters: BatchNormParameters): Value
  /**
   * With the statistics of the batch, and the running ones moved towards them (with the unbiased variance). No
   * gradient flows through the statistics returned.
   */
  batchNormTraining(
    x: Value,
    parameters: BatchNormTrainingParameters,
  ): { readonly y: Value; readonly mean: Value; readonly variance: Value }
  /** Over the last axis. Default eps 1e-5. */
  layerNorm(x: Value, scale: Value, bias: Value, options?: { readonly eps?: number }): Value

  /** Random numbers; the reference evaluator draws others than onnxruntime. */
  randomNormal(shape: Shape, options: RandomNormalOptions): Value
}
