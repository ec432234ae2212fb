import type { Zone, Zones } from '@assay/contract'
import { expect, test } from 'vitest'
import { findZoneRegions } from './region.ts'

const zone = (name: string, rules: Partial<Zone> = {}): Zone => ({
  name,
  kind: 'inspect',
  shape: { kind: 'whole' },
  ...rules,
})

/** Rows of digits: the mask is where they are not 0, the map their value. */
function find(zones: Zones, plane: readonly string[], rows: readonly string[]) {
  const map = Float32Array.from(rows.join(''), Number)
  const mask = Uint8Array.from(map, (v) => (v === 0 ? 0 : 255))
  const width = rows[0]?.length ?? 0
  return findZoneRegions(zones, Uint8Array.from(plane.join(''), Number), mask, map, width, rows.length)
}

test('regions are measured in pixels of the picture and in millimetres', () => {
  const { regions } = find({ mmPerPixel: 0.5, zones: [zone('face')] }, ['1111', '1111'], ['0320', '0000'])
  expect(regions).toEqual([
    {
      box: [1, 0, 2, 1],
      areaPx: 2,
      lengthPx: Math.hypot(2, 1),
      mean: 2.5,
      peak: 3,
      zone: 'face',
      areaMm2: 0.5,
      lengthMm: Math.hypot(2, 1) / 2,
    },
  ])
})

test('without millimetres per pixel none are made up', () => {
  const { regions } = find({ mmPerPixel: null, zones: [zone('face')] }, ['11'], ['05'])
  expect(regions).toEqual([
    { box: [1, 0, 1, 1], areaPx: 1, lengthPx: Math.SQRT2, mean: 5, peak: 5, zone: 'face' },
  ])
})

test('the mask is cut to what is inspected, and regions that are too small in their zone go', () => {
  const zones: Zones = {
    mmPerPixel: 0.1,
    // 0.045 square millimetres are four and a half pixels.
    zones: [zone('coarse', { smallestAreaMm2: 0.045 }), zone('label', { kind: 'ignore' }), zone('fine')],
  }
  const plane = ['1110333', '1110333']
  const { mask, regions } = find(zones, plane, ['2204040', '2044003'])
  expect([...mask].map((v) => (v === 0 ? '0' : '1')).join('')).toBe('00000100000001')
  expect(regions.map((r) => [r.zone, r.areaPx])).toEqual([['fine', 2]])
  const { regions: all } = find({ ...zones, zones: [zone('coarse'), zones.zones[1]!, zone('fine')] }, plane, [
    '2204040',
    '2044003',
  ])
  expect(all.map((r) => [r.zone, r.areaPx])).toEqual([
    ['coarse', 4],
    ['fine', 2],
  ])
})

test('a region across the border of two zones counts in both', () => {
  const { regions } = find({ mmPerPixel: null, zones: [zone('a'), zone('b')] }, ['1122'], ['0330'])
  expect(regions.map((r) => [r.zone, r.box])).toEqual([
    ['a', [1, 0, 1, 1]],
    ['b', [2, 0, 1, 1]],
  ])
})
