/** Tensors of a model file whose numbers lie in another file. */
import { bytesOf, sizeOf, type DeferredTensor, type DType } from '../dtype.ts'
import { OnnxFormatError } from './format-error.ts'
import { TensorProto_DataLocation, type TensorProto } from './onnx_pb.ts'
import { tensorOfBytes } from './raw-data.ts'

/**
 * Gives `length` bytes from `offset` on of the file `location`, a path below the folder of the model. Its own
 * errors reach whoever reads the tensor.
 */
export type ExternalReader = (location: string, offset: number, length: number) => Promise<Uint8Array>

export function isExternal({ dataLocation, externalData }: TensorProto): boolean {
  return dataLocation === TensorProto_DataLocation.EXTERNAL || externalData.length > 0
}

/** The tensor, to be read when it is needed. Refuses without a reader, and places outside the model's folder. */
export function externalTensor(
  proto: TensorProto,
  type: { readonly dtype: DType; readonly shape: readonly number[] },
  readExternal: ExternalReader | undefined,
  place: string,
): DeferredTensor {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]))
  const location = entries.get('location')
  if (location === undefined)
    throw new OnnxFormatError(`${place} keeps its data in another file, but names none`)
  if (!isConfined(location))
    throw new OnnxFormatError(
      `${place} keeps its data in the file "${location}", which is not beside the model`,
    )
  if (readExternal === undefined)
    throw new OnnxFormatError(`${place} keeps its data in another file, "${location}", which was not given`)
  const bytes = sizeOf(type.shape) * bytesOf(type.dtype)
  const offset = toCount(entries.get('offset') ?? '0', place)
  const length = toCount(entries.get('length') ?? String(bytes), place)
  if (length !== bytes)
    throw new OnnxFormatError(`${place} has ${length} bytes in "${location}", not ${bytes}`)
  return {
    ...type,
    read: async () => {
      const found = await readExternal(location, offset, length)
      if (found.length !== length) {
        throw new OnnxFormatError(
          `"${location}" gives ${found.length} bytes from ${offset} on, and ${place} needs ${length}: the file is cut`,
        )
      }
      return tensorOfBytes(found, type.shape, type.dtype).data
    },
  }
}

/** Whether a path stays below its folder, on any system: relative, and without a way up. */
function isConfined(location: string): boolean {
  const steps = location.split(/[/\\]/)
  return (
    steps.every((step) => step !== '' && step !== '..' && !step.includes('\0')) && !/^[a-z]:/i.test(location)
  )
}

function toCount(text: string, place: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count))
    throw new OnnxFormatError(`${place} has the offset or length "${text}" in another file`)
  return count
}
