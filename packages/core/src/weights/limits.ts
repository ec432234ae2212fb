/**
 * How much of a weights file is believed before it has been read.
 *
 * Weights come from strangers. Each bound is several times what the largest published vision checkpoints
 * need (SAM ViT-H: 594 tensors, a 70 kB pickle), so that a file beyond it is damaged or hostile.
 */

export const limits = {
  /** Bytes of one pickle; also how far a legacy file is searched for the end of its pickles. */
  pickleBytes: 32 * 2 ** 20,
  pickleOpcodes: 2_000_000,
  /** Lists, tuples, dictionaries and rebuilt objects. A tensor in a state_dict costs about six. */
  pickleContainers: 300_000,
  /** A whole number in a pickle; PyTorch's own magic number has 10 bytes. */
  pickleIntegerBytes: 16,
  /** `module.name` of a global. */
  pickleNameBytes: 512,
  /** Dictionaries inside dictionaries. */
  nesting: 64,
  /** Values seen while walking a checkpoint, shared ones counted each time they are met. */
  walkedValues: 1_000_000,
  tensorNameLength: 1024,
  dimensions: 32,
  /** Elements of an expanded view (stride 0), which may be larger than the storage behind it. */
  expandedElements: 2 ** 24,
  zipDirectoryBytes: 32 * 2 ** 20,
  zipEntries: 200_000,
  /** A deflated entry once inflated. PyTorch stores; only repacked files are deflated. */
  inflatedBytes: 2 ** 30,
  safetensorsHeaderBytes: 32 * 2 ** 20,
  /** Fields on the way to the numbers of an ONNX file; a node that is passed over is one. */
  onnxFields: 2_000_000,
  onnxTensors: 100_000,
  /** Keys and values that name a file beside an ONNX model. */
  externalTextBytes: 4096,
} as const
