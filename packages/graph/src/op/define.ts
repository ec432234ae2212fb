/**
 * What an operator is: a name and four faces.
 *
 * `infer` tells the types of the outputs, `emit` writes ONNX nodes, `grad` writes the derivative as more graph,
 * and `reference` computes in float64, slowly and plainly. An operator without a derivative says so in words.
 */
import type { Tensor } from '../dtype.ts'
import type { Operators } from '../operators.ts'
import type { Array64 } from '../reference/array.ts'
import type { TensorType, Value } from '../value.ts'

export type Attributes = Readonly<Record<string, unknown>>

/** How many inputs an operator takes; '0+', '1+' and '2+' may be followed by any number of further ones. */
interface InputLists<T> {
  readonly 0: readonly []
  readonly 1: readonly [T]
  readonly 2: readonly [T, T]
  readonly 3: readonly [T, T, T]
  readonly '0+': readonly T[]
  readonly '1+': readonly [T, ...T[]]
  readonly '2+': readonly [T, T, ...T[]]
}
export type InputCount = keyof InputLists<unknown>

/** Attribute of an ONNX node. Whole numbers are written as INT unless `float` says otherwise. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number } | Tensor

/** Writes ONNX nodes. Names of tensors go in and come out; an empty name leaves an optional input out. */
export interface Emitter {
  /** One node with one output. */
  readonly add: (
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ) => string
  /** One node with several outputs. Those after `required` are left out of the file when nothing reads them. */
  readonly addMany: (
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    outputs: { readonly count: number; readonly required: number },
  ) => readonly string[]
  /** Name of an initializer with this content; equal contents share one. */
  readonly constant: (tensor: Tensor) => string
  /** A list of int64, as an initializer. */
  readonly int64: (values: readonly number[]) => string
}

/** Types of the values around a node, for faces that depend on them. */
interface NodeTypes {
  readonly inputs: readonly Value[]
  readonly outputs: readonly TensorType[]
}

/** Outputs of the node whose derivative is wanted, and its attributes. */
export interface GradContext<A> {
  readonly attributes: A
  readonly outputs: readonly [Value, ...Value[]]
}

/**
 * Gradients with respect to the inputs, given those with respect to the outputs; null where no gradient flows.
 * A result may have any shape that broadcasts to its input's. All `dy` have their output's full shape, except
 * for operators with `broadcastsGradient`, where they may be smaller.
 */
export type GradRule<N extends InputCount, A> = (
  g: Operators,
  inputs: InputLists<Value>[N],
  dy: readonly [Value, ...Value[]],
  context: GradContext<A>,
) => readonly (Value | null)[]

export interface OpSpec<N extends InputCount, A> {
  readonly name: string
  readonly inputs: N
  readonly infer: (inputs: InputLists<Value>[N], attributes: A) => readonly TensorType[]
  readonly emit: (
    emitter: Emitter,
    inputs: InputLists<string>[N],
    attributes: A,
    types: NodeTypes,
  ) => readonly string[]
  /** The rule, or a sentence why there is none: 'argMax has no derivative'. */
  readonly grad: GradRule<N, A> | string
  /** The rule copes with a `dy` that is smaller than the output and only broadcasts to it. */
  readonly broadcastsGradient?: boolean
  /** Two nodes with equal inputs give different results. */
  readonly isRandom?: boolean
  readonly reference: (
    inputs: InputLists<Array64>[N],
    attributes: A,
    outputs: readonly TensorType[],
  ) => readonly Array64[]
}

/** An operator whose numbers of inputs and attribute types are checked where it is used, not in its type. */
export interface Op {
  readonly name: string
  readonly inputs: InputCount
  readonly infer: (inputs: readonly Value[], attributes: Attributes) => readonly TensorType[]
  readonly emit: (
    emitter: Emitter,
    inputs: readonly string[],
    attributes: Attributes,
    types: NodeTypes,
  ) => readonly string[]
  readonly grad:
    | string
    | ((
        g: Operators,
        inputs: readonly Value[],
        dy: readonly [Value, ...Value[]],
        context: GradContext<Attributes>,
      ) => readonly (Value | null)[])
  readonly broadcastsGradient: boolean
  readonly isRandom: boolean
  readonly reference: (
    inputs: readonly Array64[],
    attributes: Attributes,
    outputs: readonly TensorType[],
  ) => readonly Array64[]
}

/** An operator that remembers the type of its attributes, for those who apply it. */
export type TypedOp<A> = Op & { readonly attributesOf?: (attributes: A) => void }

/** Makes an operator. Refuses one that lacks a face: a missing derivative must be a decision. */
export function defineOp<N extends InputCount, A = Record<string, never>>(spec: OpSpec<N, A>): TypedOp<A> {
  for (const face of ['infer', 'emit', 'grad', 'reference'] as const) {
    if (spec[face] === undefined)
      throw new Error(`internal: operator ${spec.name} is defined without "${face}"`)
  }
  // The builder counts inputs before any face sees them, and TypedOp ties attributes to their operator.
  return Object.freeze({ broadcastsGradient: false, isRandom: false, ...spec }) as unknown as TypedOp<A>
}

/** Refuses a number of inputs that the operator does not take. */
export function checkInputCount(op: Op, count: number): void {
  const least = Number.parseInt(String(op.inputs), 10)
  const open = typeof op.inputs === 'string'
  if (count < least || (!open && count > least)) {
    throw new Error(`internal: ${op.name} takes ${least}${open ? ' or more' : ''} inputs, not ${count}`)
  }
}
