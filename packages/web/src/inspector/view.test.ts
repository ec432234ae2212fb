import type { Inspection } from '@assay/contract'
import { expect, test } from 'vitest'
import { keepLast, type Item } from './item.ts'
import { modelLine, pendingStage, side, stage, stripItem } from './view.ts'

const evil = '<img src=x onerror=alert(1)>"'

const record: Inspection = {
  image: evil,
  product: evil,
  score: 0.0123,
  calibrated: 0.7,
  threshold: 0.01,
  verdict: 'defect',
  regions: [
    { box: [3, 4, 50, 60], areaPx: 1234, lengthPx: 70, peak: 0.02, mean: 0.015 },
    { box: [0, 0, 1, 1], areaPx: 1, lengthPx: 1, peak: 0.011, mean: 0.011 },
  ],
  map: null,
  mask: null,
  error: null,
}
const shown = { heat: true, outline: false }

test('names of strangers are text wherever they appear', () => {
  const item: Item = {
    id: 1,
    picture: { name: evil, bytes: new Uint8Array() },
    state: { type: 'done', record },
    thumbnail: null,
  }
  for (const { markup } of [
    modelLine(evil, null),
    stage(evil, 10, 20),
    side(record, 12, shown, null),
    stripItem(item, true),
    pendingStage(item),
  ])
    expect(markup).not.toContain('<img')
})

test('the side says verdict, score and threshold with the same decimals, and every region', () => {
  const { markup } = side(record, 1234.4, shown, 1)
  const text = markup.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
  expect(text).toContain('Defect')
  expect(text).toContain('score 0.01230 · threshold 0.01000')
  expect(text).toContain('2 regions')
  expect(text).toContain('50 × 60 px')
  expect(markup.match(/aria-pressed="(true|false)"/g)).toEqual([
    'aria-pressed="false"',
    'aria-pressed="true"',
  ])
})

test('every state of a picture has words for those who cannot see it', () => {
  const states: readonly Item['state'][] = [
    { type: 'waiting' },
    { type: 'busy' },
    { type: 'done', record },
    { type: 'failed', fault: { code: 'IMAGE_UNREADABLE', message: 'm', hint: 'h' } },
  ]
  const picture = { name: 'a.png', bytes: new Uint8Array() }
  const labels = states.map(
    (state, id) =>
      /aria-label="([^"]*)"/.exec(stripItem({ id, picture, state, thumbnail: null }, false).markup)?.[1],
  )
  expect(labels).toEqual([
    'a.png, waiting',
    'a.png, being inspected',
    'a.png, Defect',
    'a.png, Not inspected',
  ])
})

test('the results looked at last are kept, and no more than asked for', () => {
  const kept = keepLast(2)
  const result = (name: string) => ({ record: { ...record, image: name } }) as never
  kept.set(1, result('a'))
  kept.set(2, result('b'))
  expect(kept.get(1)?.record.image).toBe('a')
  kept.set(3, result('c'))
  expect([kept.get(1), kept.get(2), kept.get(3)].map((r) => r?.record.image)).toEqual(['a', undefined, 'c'])
})
