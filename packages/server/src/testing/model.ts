/** Whole models that take a second to make: one whose threshold nothing reaches, one whose threshold all exceed. */
import type { Card } from '@assay/contract'
import { cardOf, tinyModelBytes, trainTinyModel } from '@assay/core/testing/model'
import { encodePng } from '@assay/core'
import { uuidv7 } from 'uuidv7'
import type { BlobStore } from '../blob/index.ts'
import type { Stores } from '../store/index.ts'

export interface TestModel {
  readonly bytes: Uint8Array
  readonly card: Card
}

/** `lenient` calls everything good, `strict` everything a defect. */
export async function makeTestModels(): Promise<{ readonly lenient: TestModel; readonly strict: TestModel }> {
  const parts = await trainTinyModel()
  const make = (threshold: number): TestModel => {
    const set = { ...parts, calibrations: [{ threshold, scale: 1 }] }
    const card = cardOf(set)
    return { card, bytes: tinyModelBytes(set, card) }
  }
  return { lenient: make(1000), strict: make(-1000) }
}

/** Puts a model into the store and its row into the database; gives its id. */
export async function addTestModel(
  stores: Stores,
  blobs: BlobStore,
  product: string,
  { bytes, card }: TestModel,
): Promise<string> {
  const id = uuidv7()
  const blob = await blobs.put(bytes)
  await stores.model.add({ id, product, origin: 'import', parent: null, job: null, ...blob, card })
  return id
}

/** A picture of the size that the test models know; others by other numbers. */
export async function drawTestPicture(number: number): Promise<Uint8Array> {
  const [width, height] = [96, 64]
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + number * 31) % 251)
  // The number itself, so that no two are alike.
  new DataView(pixels.buffer).setUint32(0, number)
  return await encodePng(pixels, width, height, 3)
}
