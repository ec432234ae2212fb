import { expect, test } from 'vitest'
import { findExperiment } from './catalogue.ts'
import { tabulateExperiment } from './table.ts'
import { rowOf } from './testing/row.ts'

const hidden = 'only the server knows'

test('what did not run is a line with its reason, and the mean says over how many it is', () => {
  const preset = findExperiment('cras-itdd-multi')
  const rows = [
    rowOf({ product: 'cotton_fabric', imageAuroc: 0.9, pixelAuroc: 0.8 }),
    rowOf({ product: 'hemp_fabric', imageAuroc: 1, pixelAuroc: 0.9 }),
  ]
  const notRun = new Map([['dyed_fabric', 'it is not there']])
  const lines = tabulateExperiment(preset, { rows, notRun, hidden })
  expect(lines.map(({ product, notRun: why }) => [product, why])).toEqual([
    ['cotton_fabric', null],
    ['dyed_fabric', 'it is not there'],
    ['hemp_fabric', null],
    ['plaid_fabric', 'it was left out'],
    [null, null],
  ])
  const mean = lines.at(-1)
  expect(mean?.ours?.['imageAuroc']).toBeCloseTo(0.95, 12)
  expect(mean?.ours?.['pixelAuroc']).toBeCloseTo(0.85, 12)
  expect(mean?.of).toBe(2)
  expect(mean?.paper).toEqual({ imageAuroc: 99.4, pixelAuroc: 97.8 })
  // The authors print no table by product.
  expect(lines[0]?.paper).toBeNull()
})

test('nothing that ran has no mean', () => {
  const lines = tabulateExperiment(findExperiment('cras-itdd-multi'), { rows: [], notRun: new Map(), hidden })
  expect(lines.at(-1)).toMatchObject({ ours: null, of: 0, notRun: 'no product ran' })
})

test('a metric that one product cannot give is not averaged over the others', () => {
  const rows = [
    rowOf({ product: 'cotton_fabric', imageAuroc: 0.9, pixelAuroc: null }),
    rowOf({ product: 'hemp_fabric', imageAuroc: 1, pixelAuroc: 0.9 }),
  ]
  const lines = tabulateExperiment(findExperiment('cras-itdd-multi'), { rows, notRun: new Map(), hidden })
  expect(lines.at(-1)?.ours?.['pixelAuroc']).toBeNull()
})

test('the private splits stand there with the figures of the server and without ours', () => {
  const rows = [rowOf({ product: 'can', aupro05: 0.3, classF1: 0.6, segF1: 0.1 })]
  const lines = tabulateExperiment(findExperiment('robis-mvtec-ad-2'), { rows, notRun: new Map(), hidden })
  expect(lines).toHaveLength(3 * 9)
  const can = lines.filter((line) => line.product === 'can')
  expect(can.map((line) => [line.split, line.ours?.['segF1'] ?? null, line.paper?.segF1 ?? null])).toEqual([
    ['test_public', 0.1, null],
    ['test_private', null, 1.86],
    ['test_private_mixed', null, 0.84],
  ])
  expect(can[1]?.notRun).toBe(hidden)
})
