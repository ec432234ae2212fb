import type { Zones } from '@assay/contract'
import { expect, test } from 'vitest'
import { openModel } from '../pipeline/inspect.ts'
import { drawPicture } from '../testing/picture.ts'
import { cardOf, tinyModelBytes, trainTinyModel } from '../testing/tiny-model.ts'
import { readModelFile } from './file.ts'
import { moveThreshold } from './threshold.ts'

const parts = await trainTinyModel({ products: 1 })
const card = cardOf(parts)
const bytes = tinyModelBytes(parts, card)
const [before] = card.products

test('the threshold moves, scores stay, and the card says who set it and what was there', async () => {
  const picture = drawPicture({ width: 48, height: 48, seed: 1 })
  await using old = await openModel(bytes, { threads: 1 })
  const { record } = await old.inspect(picture)
  const score = record.score ?? NaN
  for (const [threshold, verdict] of [
    [score + 0.01, 'good'],
    [score - 0.01, 'defect'],
  ] as const) {
    const moved = await moveThreshold(bytes, threshold)
    expect((await readModelFile(moved.bytes)).card).toEqual(moved.card)
    await using model = await openModel(moved.bytes, { threads: 1 })
    const after = (await model.inspect(picture)).record
    expect(after).toMatchObject({ score, threshold, verdict })
    expect(moved.card.products[0]).toMatchObject({
      byHand: true,
      promised: null,
      history: [{ image: before?.image, falseAlarms: before?.falseAlarms }],
    })
  }
})

test('a band of unsure that would lie above the threshold goes, another stays', async () => {
  const unsure = (before?.image.threshold ?? 0) - 0.1
  const banded = tinyModelBytes(parts, { ...card, products: card.products.map((p) => ({ ...p, unsure })) })
  expect((await moveThreshold(banded, unsure - 0.1)).card.products[0]?.unsure).toBeNull()
  expect((await moveThreshold(banded, unsure + 1)).card.products[0]?.unsure).toBe(unsure)
})

test('what has several thresholds has none to be moved', async () => {
  const zones: Zones = {
    mmPerPixel: null,
    zones: [{ name: 'all', kind: 'inspect', shape: { kind: 'whole' } }],
  }
  const zoned = tinyModelBytes(parts, { ...card, products: card.products.map((p) => ({ ...p, zones })) })
  await expect(moveThreshold(zoned, 1)).rejects.toMatchObject({ code: 'CONFLICT' })
  const two = await trainTinyModel({ products: 2 })
  await expect(moveThreshold(tinyModelBytes(two, cardOf(two)), 1)).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(moveThreshold(bytes, Infinity)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
