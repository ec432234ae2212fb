export {
  openSegmenter,
  type EncodedImage,
  type SegmentedMask,
  type Segmenter,
  type SegmentOptions,
} from './segmenter.ts'
export type { Prompt, PromptPoint } from './prompt.ts'
