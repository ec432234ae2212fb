/**
 * The builder: appends nodes to a graph, infers their types at once, and refuses what does not fit.
 *
 * Its methods are the words of `Operators`, where they are described. What is a composition of simpler operators
 * lives in composite.ts.
 */
import {
  adaptiveAveragePool,
  cosineSimilarity,
  matmulOfAnyRank,
  normalise,
  runningStatistics,
  scatterAddAlong,
  sumToShape,
} from './composite.ts'
import { check } from './check.ts'
import {
  isDeferred,
  isFloat,
  scalar,
  tensor,
  type DeferredTensor,
  type DType,
  type Tensor,
  type TensorData,
} from './dtype.ts'
import {
  freezeGraph,
  freezeNode,
  prune,
  type Constant,
  type Graph,
  type NamedValue,
  type Node,
} from './graph.ts'
import * as convolutionGradient from './op/convolution-gradient.ts'
import * as convolution from './op/convolution.ts'
import { checkInputCount, type Attributes, type TypedOp } from './op/define.ts'
import type { DimSource } from './op/dynamic.ts'
import * as elementwise from './op/elementwise.ts'
import * as linear from './op/linear.ts'
import * as movement from './op/movement.ts'
import * as norm from './op/norm.ts'
import * as pool from './op/pool.ts'
import * as random from './op/random.ts'
import * as reduce from './op/reduce.ts'
import * as imageResize from './op/resize.ts'
import * as select from './op/select.ts'
import type {
  AveragePoolOptions,
  AxisOptions,
  BatchNormParameters,
  BatchNormTrainingParameters,
  ConvOptions,
  ConvTransposeOptions,
  Operators,
  PadOptions,
  PoolOptions,
  RandomNormalOptions,
  ReduceOptions,
  ResizeOptions,
  SliceOptions,
} from './operators.ts'
import {
  axesOf,
  axisOf,
  divideDims,
  formatShape,
  isStatic,
  sameShape,
  splitSum,
  type Dim,
  type Shape,
} from './shape.ts'
import type { Operand, TensorType, Value } from './value.ts'
import { dilationsOf, padsOf, pairOf, stridesOf } from './window.ts'

interface DimPart {
  readonly value: Value
  readonly axis: number
  readonly factor: number
}

/** Starts an empty graph. */
export function createGraph(name: string): GraphBuilder {
  return new GraphBuilder(name)
}

export class GraphBuilder implements Operators {
  readonly name: string
  readonly #inputs: NamedValue[] = []
  readonly #outputs: NamedValue[] = []
  readonly #nodes: Node[] = []
  readonly #constants: Constant[] = []
  readonly #known = new Set<Value>()
  readonly #scalars = new Map<string, Value>()
  /** Where each named size can be read when the graph runs: the first value that has it. */
  readonly #places = new Map<string, { readonly value: Value; readonly axis: number }>()
  #nextId = 0

  constructor(name: string) {
    this.name = name
  }

  /** Nodes so far, in order. */
  get nodes(): readonly Node[] {
    return this.#nodes
  }

  /** Declares what the caller must feed. */
  input(name: string, dtype: DType, shape: Shape): Value {
    const value = this.#declare({ dtype, shape })
    this.#inputs.push(Object.freeze({ name, value }))
    return value
  }

  constant(content: Tensor, name?: string): Value
  constant(content: Tensor | DeferredTensor, name: string): Value
  constant(data: TensorData | readonly number[], shape: readonly number[], dtype?: DType): Value
  constant(
    content: Tensor | DeferredTensor | TensorData | readonly number[],
    second?: string | readonly number[],
    dtype?: DType,
  ): Value {
    const isTensor = 'shape' in content
    const whole = isTensor ? content : tensor(content, second as readonly number[], dtype)
    const name = isTensor ? (second as string | undefined) : undefined
    // Weights that are used twice, such as a backbone that sees two pictures, are one constant.
    const same = this.#constants.find(
      (c) => name !== undefined && c.name === name && hasSameContent(c.tensor, whole),
    )
    if (same !== undefined) return same.value
    const value = this.#declare(whole)
    this.#constants.push(Object.freeze({ value, tensor: whole, ...(name !== undefined && { name }) }))
    return value
  }

  /** Names a result. One value may have several names. */
  output(name: string, value: Value): void {
    this.#mustKnow('output', value)
    this.#outputs.push(Object.freeze({ name, value }))
  }

  /** The finished graph: only what its outputs need, checked and frozen. */
  build(): Graph {
    const graph = prune(
      freezeGraph({
        name: this.name,
        inputs: [...this.#inputs],
        outputs: [...this.#outputs],
        nodes: [...this.#nodes],
        constants: [...this.#constants],
      }),
    )
    check(graph)
    return graph
  }

  /** Appends one node of any operator, also of one defined elsewhere. */
  apply<A>(op: TypedOp<A>, inputs: readonly Value[], attributes: A): readonly [Value, ...Value[]] {
    checkInputCount(op, inputs.length)
    for (const input of inputs) this.#mustKnow(op.name, input)
    const plain = attributes as Attributes // TypedOp says that these are the attributes of this operator.
    const outputs = op.infer(inputs, plain).map((type) => this.#declare(type))
    this.#nodes.push(freezeNode({ op, inputs: [...inputs], outputs, attributes: { ...plain } }))
    return outputs as unknown as readonly [Value, ...Value[]] // Every operator has an output.
  }

  add(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.add, a, b)
  }
  sub(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.sub, a, b)
  }
  mul(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.mul, a, b)
  }
  div(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.div, a, b)
  }
  pow(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.pow, a, b)
  }
  minimum(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.minimum, a, b)
  }
  maximum(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.maximum, a, b)
  }
  neg(x: Value): Value {
    return this.apply(elementwise.neg, [x], {})[0]
  }
  abs(x: Value): Value {
    return this.apply(elementwise.abs, [x], {})[0]
  }
  exp(x: Value): Value {
    return this.apply(elementwise.exp, [x], {})[0]
  }
  log(x: Value): Value {
    return this.apply(elementwise.log, [x], {})[0]
  }
  sqrt(x: Value): Value {
    return this.apply(elementwise.sqrt, [x], {})[0]
  }
  square(x: Value): Value {
    return this.apply(elementwise.square, [x], {})[0]
  }
  reciprocal(x: Value): Value {
    return this.apply(elementwise.reciprocal, [x], {})[0]
  }
  sin(x: Value): Value {
    return this.apply(elementwise.sin, [x], {})[0]
  }
  cos(x: Value): Value {
    return this.apply(elementwise.cos, [x], {})[0]
  }
  tanh(x: Value): Value {
    return this.apply(elementwise.tanh, [x], {})[0]
  }
  sigmoid(x: Value): Value {
    return this.apply(elementwise.sigmoid, [x], {})[0]
  }
  softplus(x: Value): Value {
    return this.apply(elementwise.softplus, [x], {})[0]
  }
  relu(x: Value): Value {
    return this.apply(elementwise.relu, [x], {})[0]
  }
  leakyRelu(x: Value, slope: number = 0.01): Value {
    return this.apply(elementwise.leakyRelu, [x], { slope })[0]
  }
  erf(x: Value): Value {
    return this.apply(elementwise.erfOp, [x], {})[0]
  }
  gelu(x: Value): Value {
    return this.apply(elementwise.gelu, [x], {})[0]
  }
  clip(x: Value, limits: { readonly min?: number; readonly max?: number }): Value {
    return this.apply(elementwise.clip, [x], limits)[0]
  }
  floor(x: Value): Value {
    return this.apply(elementwise.floor, [x], {})[0]
  }
  ceil(x: Value): Value {
    return this.apply(elementwise.ceil, [x], {})[0]
  }
  round(x: Value): Value {
    return this.apply(elementwise.round, [x], {})[0]
  }
  sign(x: Value): Value {
    return this.apply(elementwise.sign, [x], {})[0]
  }

  equal(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.equal, a, b)
  }
  greater(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.greater, a, b)
  }
  less(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.less, a, b)
  }
  greaterOrEqual(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.greaterOrEqual, a, b)
  }
  lessOrEqual(a: Operand, b: Operand): Value {
    return this.#binary(elementwise.lessOrEqual, a, b)
  }
  not(x: Value): Value {
    return this.apply(elementwise.not, [x], {})[0]
  }
  and(a: Value, b: Value): Value {
    return this.apply(elementwise.and, [a, b], {})[0]
  }
  or(a: Value, b: Value): Value {
    return this.apply(elementwise.or, [a, b], {})[0]
  }
  where(condition: Value, a: Operand, b: Operand): Value {
    const [x, y] = this.#operands(a, b)
    return this.apply(elementwise.where, [condition, x, y], {})[0]
  }
  cast(x: Value, dtype: DType): Value {
    return x.dtype === dtype ? x : this.apply(elementwise.cast, [x], { dtype })[0]
  }
  stopGradient(x: Value): Value {
    return this.apply(elementwise.stopGradient, [x], {})[0]
  }
  scaleGradient(x: Value, factor: Value): Value {
    return this.apply(elementwise.scaleGradient, [x, factor], {})[0]
  }

  sum(x: Value, options: ReduceOptions = {}): Value {
    return this.#reduce(reduce.sum, x, options)
  }
  sumSquares(x: Value, options: ReduceOptions = {}): Value {
    return this.#reduce(reduce.sumSquares, x, options)
  }
  mean(x: Value, options: ReduceOptions = {}): Value {
    return this.#reduce(reduce.mean, x, options)
  }
  max(x: Value, options: ReduceOptions = {}): Value {
    return this.#reduce(reduce.max, x, options)
  }
  min(x: Value, options: ReduceOptions = {}): Value {
    return this.#reduce(reduce.min, x, options)
  }
  norm(x: Value, options: ReduceOptions = {}): Value {
    return this.#reduce(reduce.norm, x, options)
  }
  argMax(x: Value, { axis, keepDims = false }: AxisOptions & { readonly keepDims?: boolean }): Value {
    return this.apply(reduce.argMax, [x], { axis: axisOf(axis, x.shape.length), keepDims })[0]
  }
  argMin(x: Value, { axis, keepDims = false }: AxisOptions & { readonly keepDims?: boolean }): Value {
    return this.apply(reduce.argMin, [x], { axis: axisOf(axis, x.shape.length), keepDims })[0]
  }
  topK(
    x: Value,
    k: number | Value,
    options: { readonly axis?: number; readonly largest?: boolean } = {},
  ): { readonly values: Value; readonly indices: Value } {
    const { largest = true } = options
    const axis = axisOf(options.axis ?? -1, x.shape.length)
    const [values, indices] =
      typeof k === 'number'
        ? this.apply(reduce.topK, [x], { k, axis, largest })
        : this.apply(reduce.topKOf, [x, k], { axis, largest })
    return { values, indices: indices! }
  }
  sumTo(x: Value, shape: Shape): Value {
    return sumToShape(this, x, shape)
  }
  countOf(x: Value, axes?: readonly number[]): Value {
    const all = axesOf(axes, x.shape.length)
    const sizes: Shape = all.map((a) => x.shape[a]!)
    if (!isStatic(sizes)) return this.apply(reduce.countOf, [x], { axes: all })[0]
    return this.#scalar(
      sizes.reduce((a, b) => a * b, 1),
      x.dtype,
    )
  }

  softmax(x: Value, { axis }: AxisOptions): Value {
    return this.apply(norm.softmax, [x], { axis: axisOf(axis, x.shape.length) })[0]
  }
  logSoftmax(x: Value, { axis }: AxisOptions): Value {
    return this.apply(norm.logSoftmax, [x], { axis: axisOf(axis, x.shape.length) })[0]
  }
  normalise(x: Value, options: AxisOptions & { readonly eps?: number }): Value {
    return normalise(this, x, options)
  }
  cosineSimilarity(a: Value, b: Value, options: AxisOptions & { readonly eps?: number }): Value {
    return cosineSimilarity(this, a, b, options)
  }

  reshape(x: Value, shape: Shape): Value {
    const resolved = resolveReshape(x.shape, shape)
    if (sameShape(resolved, x.shape)) return x
    // Sizes at their old place are copied, one may be left open, and only the others must be read.
    const isMoved = resolved.map((d, i) => typeof d === 'string' && d !== x.shape[i])
    const unknown = resolved.findIndex((d, i) => isMoved[i] && this.#parts(String(d)) === undefined)
    const open = unknown >= 0 ? unknown : isMoved.lastIndexOf(true)
    const wanted = resolved.map((d, i) => (i === open ? -1 : typeof d === 'string' && !isMoved[i] ? 0 : d))
    const { sources, values } = this.#locate('reshape', wanted, 1)
    return this.apply(movement.reshape, [x, ...values], { shape: resolved, sources })[0]
  }
  transpose(x: Value, permutation: readonly number[]): Value {
    const axes = permutation.map((p) => axisOf(p, x.shape.length))
    if (axes.length === x.shape.length && axes.every((p, i) => p === i)) return x
    return this.apply(movement.transpose, [x], { permutation: axes })[0]
  }
  squeeze(x: Value, axes: readonly number[]): Value {
    const gone = axesOf(axes, x.shape.length)
    if (gone.some((a) => x.shape[a] !== 1)) {
      throw new Error(`internal: cannot squeeze axes [${axes.join(', ')}] of ${formatShape(x.shape)}`)
    }
    return this.reshape(
      x,
      x.shape.filter((_, i) => !gone.includes(i)),
    )
  }
  unsqueeze(x: Value, axes: readonly number[]): Value {
    const shape = [...x.shape]
    for (const axis of axesOf(axes, x.shape.length + axes.length)) shape.splice(axis, 0, 1)
    return this.reshape(x, shape)
  }
  expand(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x
    const { sources, values } = this.#locate('expand', shape, 1)
    return this.apply(movement.expand, [x, ...values], { shape, sources })[0]
  }
  concat(xs: readonly Value[], { axis }: AxisOptions): Value {
    const [first, ...rest] = xs
    if (first === undefined) throw new Error('internal: concat of nothing')
    return rest.length === 0
      ? first
      : this.apply(movement.concat, xs, { axis: axisOf(axis, first.shape.length) })[0]
  }
  split(x: Value, sizes: readonly Dim[], { axis }: AxisOptions): Value[] {
    const { sources, values } = this.#locate('split', sizes, 1)
    return [
      ...this.apply(movement.split, [x, ...values], { sizes, sources, axis: axisOf(axis, x.shape.length) }),
    ]
  }
  slice(x: Value, { axes, starts, ends, steps = axes.map(() => 1) }: SliceOptions): Value {
    return this.apply(movement.slice, [x], {
      axes: axes.map((a) => axisOf(a, x.shape.length)),
      starts,
      ends,
      steps,
    })[0]
  }
  pad(x: Value, { pads, mode = 'constant', value = 0 }: PadOptions): Value {
    if (pads.every(([before, after]) => before === 0 && after === 0)) return x
    return this.apply(movement.pad, [x], { pads, mode, value })[0]
  }
  tile(x: Value, repeats: readonly number[]): Value {
    return this.apply(movement.tile, [x], { repeats })[0]
  }
  gather(x: Value, indices: Value, { axis }: AxisOptions): Value {
    return this.apply(select.gather, [x, indices], { axis: axisOf(axis, x.shape.length) })[0]
  }
  gatherElements(x: Value, indices: Value, { axis }: AxisOptions): Value {
    return this.apply(select.gatherElements, [x, indices], { axis: axisOf(axis, x.shape.length) })[0]
  }
  scatterAdd(updates: Value, indices: Value, options: AxisOptions & { readonly size: Dim }): Value {
    return scatterAddAlong(this, updates, indices, options)
  }
  scatterElementsAdd(
    updates: Value,
    indices: Value,
    { axis, shape }: AxisOptions & { readonly shape: Shape },
  ): Value {
    const { sources, values } = this.#locate('scatterElementsAdd', shape, 2)
    const attributes = { axis: axisOf(axis, shape.length), shape, sources }
    return this.apply(select.scatterElementsAdd, [updates, indices, ...values], attributes)[0]
  }
  oneHot(indices: Value, depth: number, { dtype = 'float32' }: { readonly dtype?: DType } = {}): Value {
    return this.apply(select.oneHot, [indices], { depth, dtype })[0]
  }
  shapeOf(x: Value): Value {
    return this.apply(select.shapeOf, [x], {})[0]
  }
  range(start: Operand, limit: Operand, delta: Operand): Value {
    const like = [start, limit, delta].find((v) => typeof v !== 'number')
    const values = [start, limit, delta].map((v) =>
      typeof v === 'number' ? this.#scalar(v, like?.dtype ?? 'float32') : v,
    )
    const isFixed = typeof start === 'number' && typeof limit === 'number' && typeof delta === 'number'
    const size = isFixed
      ? Math.max(0, Math.ceil((limit - start) / delta))
      : `range(${values.map((v) => v.id).join()})`
    return this.apply(select.range, values, { size })[0]
  }
  fill(value: number, shape: Shape, dtype: DType = 'float32'): Value {
    return this.expand(this.#scalar(value, dtype), shape)
  }
  eye(size: Dim, dtype: DType = 'float32'): Value {
    if (typeof size === 'number') {
      const ones = Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0))
      return this.constant(ones, [size, size], dtype)
    }
    const { sources, values } = this.#locate('eye', [size], 0)
    return this.apply(select.eye, values, { size, source: sources[0]!, dtype })[0]
  }

  matmul(a: Value, b: Value): Value {
    return matmulOfAnyRank(this, a, b, (x, y) => this.apply(linear.matmul, [x, y], {})[0])
  }
  gemm(
    a: Value,
    b: Value,
    c?: Value,
    options: {
      readonly transA?: boolean
      readonly transB?: boolean
      readonly alpha?: number
      readonly beta?: number
    } = {},
  ): Value {
    const { transA = false, transB = false, alpha = 1, beta = 1 } = options
    return this.apply(linear.gemm, c === undefined ? [a, b] : [a, b, c], { transA, transB, alpha, beta })[0]
  }

  conv(x: Value, w: Value, bias?: Value, options: ConvOptions = {}): Value {
    const attributes = convAttributes(x.shape, w.shape.slice(2), options)
    return this.apply(convolution.conv, bias === undefined ? [x, w] : [x, w, bias], attributes)[0]
  }
  convTranspose(x: Value, w: Value, bias?: Value, options: ConvTransposeOptions = {}): Value {
    if (options.pads === 'same') throw new Error('internal: convTranspose needs its pads in numbers')
    const attributes = convAttributes(x.shape, w.shape.slice(2), options)
    const inputs = bias === undefined ? [x, w] : [x, w, bias]
    return this.apply(convolution.convTranspose, inputs, {
      ...attributes,
      outputPadding: options.outputPadding ?? [0, 0],
    })[0]
  }
  convInputGrad(dy: Value, w: Value, x: Value, options: ConvOptions = {}): Value {
    return this.apply(
      convolutionGradient.convInputGrad,
      [dy, w, x],
      convAttributes(x.shape, w.shape.slice(2), options),
    )[0]
  }
  convWeightGrad(x: Value, dy: Value, kernel: readonly [number, number], options: ConvOptions = {}): Value {
    return this.apply(convolutionGradient.convWeightGrad, [x, dy], {
      ...convAttributes(x.shape, kernel, options),
      kernel,
    })[0]
  }
  maxPool(x: Value, options: PoolOptions): Value {
    return this.apply(pool.maxPool, [x], poolAttributes(x.shape, options))[0]
  }
  maxPoolGrad(dy: Value, places: Value, x: Value): Value {
    return this.apply(pool.maxPoolGrad, [dy, places, x], {})[0]
  }
  averagePool(x: Value, options: AveragePoolOptions): Value {
    const { countIncludePad = true } = options
    return this.apply(pool.averagePool, [x], { ...poolAttributes(x.shape, options), countIncludePad })[0]
  }
  globalAveragePool(x: Value): Value {
    return this.apply(pool.globalAveragePool, [x], {})[0]
  }
  adaptiveAveragePool(x: Value, sizes: readonly [number, number]): Value {
    return adaptiveAveragePool(this, x, sizes)
  }
  resize(x: Value, options: ResizeOptions): Value {
    const { sizes, scales, like, mode, coordinates, cubicCoefficient = -0.75 } = options
    const how = { mode, coordinates, cubicCoefficient }
    if ([sizes, scales, like].filter((v) => v !== undefined).length !== 1) {
      throw new Error('internal: resize wants one of sizes, scales and like')
    }
    if (scales !== undefined) return this.apply(imageResize.resize, [x], { ...how, target: { scales } })[0]
    if (sizes !== undefined && 'dtype' in sizes) {
      return this.apply(imageResize.resize, [x, sizes], { ...how, target: 'input' })[0]
    }
    const dims = sizes ?? ([like!.shape[2]!, like!.shape[3]!] as const)
    const { sources, values } = this.#locate('resize', dims, 1)
    return this.apply(imageResize.resize, [x, ...values], { ...how, target: { sizes: dims, sources } })[0]
  }

  batchNorm(x: Value, { scale, bias, mean, variance, eps = 1e-5 }: BatchNormParameters): Value {
    return this.apply(norm.batchNorm, [x, scale, bias, mean, variance], { eps })[0]
  }
  batchNormTraining(
    x: Value,
    parameters: BatchNormTrainingParameters,
  ): { readonly y: Value; readonly mean: Value; readonly variance: Value } {
    const { scale, bias, eps = 1e-5 } = parameters
    const [y, mean, variance] = this.apply(norm.batchNormTraining, [x, scale, bias], { eps })
    return { y, ...runningStatistics(this, x, { mean: mean!, variance: variance! }, parameters) }
  }
  layerNorm(x: Value, scale: Value, bias: Value, { eps = 1e-5 }: { readonly eps?: number } = {}): Value {
    return this.apply(norm.layerNorm, [x, scale, bias], { eps })[0]
  }
  randomNormal(shape: Shape, { seed, mean = 0, scale = 1, dtype = 'float32' }: RandomNormalOptions): Value {
    const { sources, values } = this.#locate('randomNormal', shape, 0)
    return this.apply(random.randomNormal, values, { shape, sources, dtype, seed, mean, scale })[0]
  }

  #declare({ dtype, shape }: TensorType): Value {
    for (const d of shape) {
      if (typeof d === 'number' && (!Number.isInteger(d) || d < 0))
        throw new Error(`internal: ${formatShape(shape)} is not a shape`)
    }
    const value: Value = Object.freeze({ id: this.#nextId++, dtype, shape: Object.freeze([...shape]) })
    this.#known.add(value)
    shape.forEach((d, axis) => {
      if (typeof d === 'string' && !this.#places.has(d)) this.#places.set(d, { value, axis })
    })
    return value
  }

  #mustKnow(who: string, value: Value): void {
    if (!this.#known.has(value))
      throw new Error(`internal: ${who}: value ${value.id} belongs to another graph than "${this.name}"`)
  }

  /** The terms that a named size is the sum of, each one readable from a value; undefined if one is not. */
  #parts(name: string): { readonly terms: readonly DimPart[]; readonly offset: number } | undefined {
    const exact = this.#places.get(name)
    if (exact !== undefined) return { terms: [{ ...exact, factor: 1 }], offset: 0 }
    const { terms, offset } = splitSum(name)
    const found = terms.flatMap(({ factor, name }): DimPart[] => {
      const place = this.#places.get(name)
      return place === undefined ? [] : [{ ...place, factor }]
    })
    return found.length === terms.length ? { terms: found, offset } : undefined
  }

  /** Tells where the named sizes of a shape can be read; `values` become the inputs from `first` on. */
  #locate(
    who: string,
    shape: Shape,
    first: number,
  ): { readonly sources: readonly DimSource[]; readonly values: readonly Value[] } {
    const values: Value[] = []
    const sources = shape.map((d): DimSource => {
      if (typeof d === 'number') return d
      const parts = this.#parts(d)
      if (parts === undefined) throw new Error(`internal: ${who}: no value in the graph has the size "${d}"`)
      for (const { value } of parts.terms) if (!values.includes(value)) values.push(value)
      const terms = parts.terms.map(({ value, axis, factor }) => ({
        input: first + values.indexOf(value),
        axis,
        factor,
      }))
      return { terms, offset: parts.offset }
    })
    return { sources, values }
  }

  #scalar(v: number, dtype: DType): Value {
    const key = `${dtype} ${Object.is(v, -0) ? '-0' : v}`
    const found = this.#scalars.get(key)
    if (found !== undefined) return found
    const value = this.constant(scalar(v, dtype))
    this.#scalars.set(key, value)
    return value
  }

  #operands(a: Operand, b: Operand): readonly [Value, Value] {
    const dtype = typeof a !== 'number' ? a.dtype : typeof b !== 'number' ? b.dtype : 'float32'
    const toValue = (v: Operand): Value => {
      if (typeof v !== 'number') return v
      if (!isFloat(dtype) && !Number.isInteger(v)) throw new Error(`internal: ${v} is not an ${dtype}`)
      return this.#scalar(v, dtype)
    }
    return [toValue(a), toValue(b)]
  }

  #binary(op: TypedOp<Record<string, never>>, a: Operand, b: Operand): Value {
    return this.apply(op, this.#operands(a, b), {})[0]
  }

  #reduce(op: TypedOp<reduce.ReduceAttributes>, x: Value, { axes, keepDims = false }: ReduceOptions): Value {
    const all = axesOf(axes, x.shape.length)
    return all.length === 0 && (op === reduce.sum || op === reduce.mean)
      ? x
      : this.apply(op, [x], { axes: all, keepDims })[0]
  }
}

/** The same deferred tensor, or the same array in the same shape. */
function hasSameContent(a: Tensor | DeferredTensor, b: Tensor | DeferredTensor): boolean {
  if (isDeferred(a) || isDeferred(b)) return a === b
  return a.data === b.data && sameShape(a.shape, b.shape)
}

/** Replaces 0 and -1 in the shape wanted by sizes. */
function resolveReshape(from: Shape, wanted: Shape): Shape {
  const copied = wanted.map((d, i): Dim => {
    if (d !== 0) return d
    if (from[i] === undefined)
      throw new Error(`internal: reshape: ${formatShape(from)} has no axis ${i} to copy`)
    return from[i]
  })
  const left = copied.indexOf(-1)
  const rest = copied.filter((_, i) => i !== left)
  const quotient = divideDims(from, rest)
  if (
    rest.includes(-1) ||
    (isStatic(from) && isStatic(rest) && (quotient === undefined || (left < 0 && quotient !== 1)))
  ) {
    throw new Error(`internal: cannot reshape ${formatShape(from)} to ${formatShape(wanted)}`)
  }
  if (left < 0) return copied
  if (quotient === undefined)
    throw new Error(
      `internal: reshape of ${formatShape(from)} to ${formatShape(wanted)} leaves no known size`,
    )
  return copied.with(left, quotient)
}

function convAttributes(shape: Shape, kernel: Shape, options: ConvOptions): convolution.ConvAttributes {
  const strides = stridesOf(options.strides)
  const dilations = dilationsOf(options.dilations)
  const pads = padsOf(options.pads, { shape, kernel, strides, dilations })
  return { strides, pads, dilations, group: options.group ?? 1 }
}

function poolAttributes(shape: Shape, options: PoolOptions): pool.PoolAttributes {
  const kernel = pairOf(options.kernel)
  const strides = options.strides === undefined ? kernel : pairOf(options.strides)
  return { kernel, strides, pads: padsOf(options.pads, { shape, kernel, strides, dilations: [1, 1] }) }
}
