/**
 * Assay as a library in a browser: the same code on onnxruntime-web and on libvips in WebAssembly.
 *
 * Paths are addresses here. What needs a disk is left out: data sets, evaluation, published weights, and with
 * them Segment Anything. A bundler has to follow the condition `browser` of package.json.
 */
export {
  openModel,
  type ImageInput,
  type InspectedImage,
  type InspectedItem,
  type InspectOptions,
  type Inspector,
  type OpenOptions,
} from './pipeline/inspect.ts'
export { trainPictures, type TrainedPictures, type TrainPicturesOptions } from './pipeline/train-pictures.ts'
export type { NamedPicture } from './pipeline/picture-source.ts'
export type { ImageErrorEvent, RunOptions, TrainEvent, TrainStage, WarningEvent } from './pipeline/options.ts'
export type { DeviceRequest } from './runtime/index.ts'
export { version } from './version.ts'
export * from './image/index.ts'
export * from './report/index.ts'
