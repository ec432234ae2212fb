/** Tensors as graphs: operators, reverse-mode gradients, optimisers, ONNX writing and reading. */
export { createGraph, GraphBuilder } from './builder.ts'
export { check } from './check.ts'
export {
  bytesOf,
  fromNumbers,
  isFloat,
  sizeOf,
  tensor,
  toNumbers,
  type DeferredTensor,
  type DType,
  type Tensor,
  type TensorData,
} from './dtype.ts'
export { fromFloat16Bits, roundToFloat16, toFloat16Bits } from './float16.ts'
export { gradient } from './gradient.ts'
export { prune, type Constant, type Graph, type NamedValue, type Node } from './graph.ts'
export { defineOp, type Emitter, type Op, type OpSpec, type TypedOp } from './op/define.ts'
export type { ExternalReader } from './onnx/external.ts'
export { OnnxFormatError } from './onnx/format-error.ts'
export { setOnnxInitializer } from './onnx/initializer.ts'
export { readOnnxMetadata, setOnnxMetadata } from './onnx/metadata.ts'
export {
  readOnnx,
  type OnnxAttributeValue,
  type OnnxModel,
  type OnnxNode,
  type OnnxValueInfo,
  type ReadOptions,
} from './onnx/read.ts'
export { writeOnnxExternal, type ExternalModel, type ExternalOptions } from './onnx/write-external.ts'
export { writeOnnx, type WriteOptions } from './onnx/write.ts'
export type {
  AveragePoolOptions,
  AxisOptions,
  BatchNormParameters,
  BatchNormTrainingParameters,
  ConvOptions,
  ConvTransposeOptions,
  Operators,
  PadOptions,
  Pads,
  PoolOptions,
  RandomNormalOptions,
  ReduceOptions,
  ResizeOptions,
  SliceOptions,
} from './operators.ts'
export { adam, adamW, type AdamOptions } from './optimiser/adam.ts'
export { clipByGlobalNorm } from './optimiser/clip.ts'
export type { ConfiguredOptimiser, Optimiser, OptimiserInputs, OptimiserStep } from './optimiser/optimiser.ts'
export { constant, stepDecay, warmCosine, type Schedule } from './optimiser/schedule.ts'
export { stableAdamW, type StableAdamWOptions } from './optimiser/stable-adamw.ts'
export { print } from './print.ts'
export { computeInFloat16 } from './precision/compute-half.ts'
export { observeTensors, type ObservedModel, type Range } from './precision/observe.ts'
export { quantiseModel } from './precision/quantise.ts'
export { tensorsToObserve } from './precision/quantise-plan.ts'
export { storeAsFloat16 } from './precision/store-half.ts'
export { simplify } from './simplify.ts'
export type { Dim, Shape } from './shape.ts'
export {
  trainStep,
  type Carried,
  type ForwardResult,
  type ParameterGroup,
  type TrainStep,
  type TrainStepSpec,
  type TrainValues,
} from './train-step.ts'
export type { Operand, TensorType, Value } from './value.ts'
