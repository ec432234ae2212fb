/** The one error of reading ONNX files, for callers that try files of unknown origin. */
export class OnnxFormatError extends Error {
  override readonly name = 'OnnxFormatError'
}

/** Runs a reader; whatever it stumbles over comes out as an OnnxFormatError. */
export function refusing<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof OnnxFormatError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new OnnxFormatError(`the file is not an ONNX model, or only a part of one (${reason})`, {
      cause: error,
    })
  }
}
