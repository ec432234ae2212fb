import type { Zones } from '@assay/contract'
import { expect, test } from 'vitest'
import { layZones } from './plane.ts'
import { reduceZones } from './reduce.ts'

const zones: Zones = {
  mmPerPixel: 0.1,
  zones: [
    { name: 'all', kind: 'inspect', shape: { kind: 'whole' }, smallestAreaPx: 40, mostRegions: 2 },
    {
      name: 'label',
      kind: 'ignore',
      shape: {
        kind: 'polygon',
        unit: 'pixel',
        corners: [
          [4, 2],
          [8, 2],
          [8, 4],
          [4, 4],
        ],
      },
    },
  ],
}

test('a picture that is held at half its sides has the same zones in half the pixels', () => {
  const whole = layZones(zones.zones, 12, 8, 'p')
  const reduced = reduceZones(zones, 2)
  const half = layZones(reduced.zones, 6, 4, 'p')
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 12; x++) expect(half[(y >> 1) * 6 + (x >> 1)]).toBe(whole[y * 12 + x])
  expect(reduced).toMatchObject({ mmPerPixel: 0.2, zones: [{ smallestAreaPx: 10, mostRegions: 2 }, {}] })
  expect(reduced.zones[1]).not.toHaveProperty('smallestAreaPx')
})

test('relative corners and areas in square millimetres do not change', () => {
  const relative: Zones = {
    mmPerPixel: null,
    zones: [
      {
        name: 'face',
        kind: 'inspect',
        smallestAreaMm2: 3,
        shape: {
          kind: 'polygon',
          unit: 'relative',
          corners: [
            [0, 0],
            [1, 0],
            [1, 1],
          ],
        },
      },
    ],
  }
  expect(reduceZones(relative, 4)).toEqual(relative)
})
