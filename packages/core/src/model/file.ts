/**
 * The model file: an ONNX model with the card in its metadata.
 */
import { AssayError, cardSchema, cardVersion, reasonOf, type Card } from '@assay/contract'
import {
  OnnxFormatError,
  readOnnxMetadata,
  setOnnxInitializer,
  setOnnxMetadata,
  writeOnnx,
  type Graph,
  type Tensor,
} from '@assay/graph'
import { readFile } from '#file'
import { fixedProductName, scaleName, thresholdName } from './build.ts'

const cardKey = 'assay.card'

/** The bytes of `graph` as a model file carrying `card`. */
export function writeModel(graph: Graph, card: Card): Uint8Array {
  return writeOnnx(graph, { metadata: { [cardKey]: JSON.stringify(cardSchema.parse(card)) } })
}

/** The bytes of a model for several products in which every picture is taken for product `index`. */
export function fixProduct(model: Uint8Array, index: number): Uint8Array {
  return setOnnxInitializer(model, fixedProductName, {
    dtype: 'int64',
    shape: [1],
    data: BigInt64Array.of(BigInt(index)),
  })
}

/**
 * The same model with other thresholds: the card, and the constants of `calibrated` in the graph, are those of
 * `card`; all other bytes stay.
 */
export function recalibrate(model: Uint8Array, card: Card): Uint8Array {
  const shape = [card.products.length]
  const constant = (level: 'threshold' | 'scale'): Tensor => ({
    dtype: 'float32',
    shape,
    data: Float32Array.from(card.products, (p) => p.image[level]),
  })
  const changed = setOnnxInitializer(
    setOnnxInitializer(model, thresholdName, constant('threshold')),
    scaleName,
    constant('scale'),
  )
  return setOnnxMetadata(changed, {
    ...readOnnxMetadata(changed),
    [cardKey]: JSON.stringify(cardSchema.parse(card)),
  })
}

export interface ModelFile {
  readonly bytes: Uint8Array
  readonly card: Card
  /** What errors call it. */
  readonly name: string
}

/**
 * Reads a model file and its card. Throws MODEL_NOT_FOUND, MODEL_UNREADABLE for a cut or damaged file,
 * MODEL_FOREIGN for ONNX without a card, MODEL_TOO_NEW for a card of a later version.
 */
export async function readModelFile(source: string | Uint8Array): Promise<ModelFile> {
  const name = typeof source === 'string' ? source : 'the model'
  const bytes = typeof source === 'string' ? await readBytes(source) : source
  return { bytes, card: readCard(bytes, name), name }
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isMissing) throw new AssayError('MODEL_NOT_FOUND', { path: file }, { cause: error })
    throw new AssayError('MODEL_UNREADABLE', { path: file, reason: reasonOf(error) }, { cause: error })
  }
}

function readCard(bytes: Uint8Array, name: string): Card {
  if (bytes.length === 0)
    throw new AssayError('MODEL_UNREADABLE', { path: name, reason: 'the file is empty' })
  const text = readMetadata(bytes, name)[cardKey]
  if (text === undefined) throw new AssayError('MODEL_FOREIGN', { path: name })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new AssayError('MODEL_UNREADABLE', { path: name, reason: 'its card is damaged' }, { cause: error })
  }
  const version =
    typeof value === 'object' && value !== null && 'version' in value ? Number(value.version) : NaN
  if (version > cardVersion)
    throw new AssayError('MODEL_TOO_NEW', { path: name, version, known: cardVersion })
  const card = cardSchema.safeParse(value)
  if (card.success) return card.data
  const where = card.error.issues[0]?.path.join('.') ?? ''
  throw new AssayError('MODEL_UNREADABLE', { path: name, reason: `its card does not fit at "${where}"` })
}

function readMetadata(bytes: Uint8Array, name: string): Readonly<Record<string, string>> {
  try {
    return readOnnxMetadata(bytes)
  } catch (error) {
    if (!(error instanceof OnnxFormatError)) throw error
    throw new AssayError('MODEL_UNREADABLE', { path: name, reason: error.message }, { cause: error })
  }
}
