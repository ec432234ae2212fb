/** One picture to its record and files; runs in child processes only. */
import { AssayError, type Inspection } from '@assay/contract'
import { encodeFloatTiff, encodeMaskPng, type InspectedImage, type Inspector } from '@assay/core'
import { writeFile } from 'node:fs/promises'

export interface InspectFileOptions {
  /** As the record calls the picture. */
  readonly name: string
  /** Where the float32 TIFF of raw scores goes. */
  readonly map: string
  /** Where the PNG of the mask goes. */
  readonly mask: string
  /** A picture that cannot be inspected gives a record that says why; otherwise it is thrown. */
  readonly keepFault?: boolean
}

export interface InspectedPaths {
  readonly record: Inspection
  readonly map: string | null
  readonly mask: string | null
  readonly milliseconds: number
}

export async function inspectFile(
  model: Inspector,
  picture: string,
  { name, map, mask, keepFault = false }: InspectFileOptions,
): Promise<InspectedPaths> {
  const started = performance.now()
  let inspected: InspectedImage
  try {
    inspected = await model.inspect(picture, { name })
  } catch (error) {
    if (!keepFault || !(error instanceof AssayError)) throw error
    return { record: toFaulty(name, error), map: null, mask: null, milliseconds: performance.now() - started }
  }
  const milliseconds = performance.now() - started
  const { width, height } = inspected
  await writeFile(map, encodeFloatTiff(inspected.map, width, height, { bits: 32 }))
  await writeFile(mask, await encodeMaskPng(inspected.mask, width, height))
  return { record: inspected.record, map, mask, milliseconds }
}

function toFaulty(image: string, { code, message, hint }: AssayError): Inspection {
  return {
    image,
    product: null,
    score: null,
    calibrated: null,
    threshold: null,
    verdict: null,
    regions: [],
    map: null,
    mask: null,
    error: { code, message, hint },
  }
}
