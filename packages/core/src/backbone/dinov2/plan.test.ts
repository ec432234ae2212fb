import { readFileSync } from 'node:fs'

import { sizeOf } from '@assay/graph'
import { describe, expect, test } from 'vitest'

import { createFormulaCheckpoint } from '../../testing/formula-checkpoint.ts'
import { findBackbone } from '../catalogue.ts'
import { requireTaps } from '../card.ts'
import { checkpointTensors, planDinoV2 } from './plan.ts'
import { prepareDinoV2 } from './prepare.ts'
import { formulaTensor } from './testing/formula.ts'

const ids = ['dinov2', 'dinov2reg'].flatMap((family) =>
  ['s', 'b', 'l'].map((size) => `${family}-vit-${size}14`),
)

describe.each(ids)('%s', (id) => {
  const { card, tensors } = findBackbone(id)

  test('has the tensors of the published file, and no others', () => {
    const published = JSON.parse(
      readFileSync(new URL(`../../../../../fixtures/weights/published/${id}.json`, import.meta.url), 'utf8'),
    ) as { readonly parameters: number; readonly tensors: Record<string, readonly number[]> }
    expect(Object.fromEntries(tensors)).toEqual(published.tensors)
    expect([...tensors.values()].reduce((sum, shape) => sum + sizeOf(shape), 0)).toBe(published.parameters)
  })

  test('has the taps that it takes when none are named', () => {
    requireTaps(card, card.defaultTaps)
    expect(card.defaultTaps.at(-1)).toBe(card.taps.at(-1)?.name)
  })
})

const plan = { ...planDinoV2('s', true), width: 12, heads: 2 }

test('only the tensors that the taps need are read', async () => {
  const readFor = async (...taps: string[]): Promise<ReadonlySet<string>> => {
    const asked = new Set<string>()
    await prepareDinoV2(createFormulaCheckpoint(checkpointTensors(plan), formulaTensor, asked), plan, taps)
    return asked
  }
  const some = await readFor('block4', 'block2')
  expect(some).toContain('blocks.4.ls2.gamma')
  expect([...some].filter((name) => name.startsWith('blocks.5.'))).toEqual([])
  expect(some).not.toContain('norm.weight')
  const all = await readFor('norm')
  expect([...checkpointTensors(plan).keys()].filter((name) => !all.has(name))).toEqual(['mask_token'])
})
