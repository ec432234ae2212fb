import { productPatchSchema } from '@assay/contract/api'
import { describe, expect, test } from 'vitest'
import { emptyZone, freeName, fromDraft, toDraft } from './draft.ts'

const size = { width: 200, height: 100 }
const corners = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.9],
] as const

describe('drawn zones', () => {
  test('corners in pixels become shares of the picture, so that another size changes nothing', () => {
    const draft = toDraft(
      {
        unit: 'pixel',
        mmPerPixel: 0.1,
        zones: [{ name: 'rim', kind: 'inspect', polygon: corners.map(([x, y]) => [x * 200, y * 100]) }],
      },
      size,
    )
    expect(draft.zones[0]?.polygon).toEqual(corners)
  })

  test('go to the server in a form that it takes, and come back as they were', () => {
    const draft = {
      mmPerPixel: 0.05,
      zones: [
        { ...emptyZone, name: 'rim', polygon: corners, smallestAreaMm2: 0.4, mostRegions: 2 },
        { ...emptyZone, name: 'label', kind: 'ignore' as const, polygon: corners, smallestAreaPx: 12 },
      ],
    }
    const zones = productPatchSchema.parse({ zones: fromDraft(draft) }).zones ?? null
    const back = toDraft(zones, size)
    expect(back.zones[0]).toEqual(draft.zones[0])
    // What is ignored has no rules.
    expect(back.zones[1]).toEqual({ ...draft.zones[1], smallestAreaPx: null })
    expect(back.mmPerPixel).toBe(0.05)
  })

  test('ignoring a part alone means that the rest is inspected', () => {
    const zones = fromDraft({
      mmPerPixel: null,
      zones: [{ ...emptyZone, name: 'label', kind: 'ignore', polygon: corners }],
    })
    expect(zones?.zones.map(({ name, kind }) => [name, kind])).toEqual([
      ['part', 'inspect'],
      ['label', 'ignore'],
    ])
  })

  test('none at all is said by nothing', () => {
    expect(fromDraft({ mmPerPixel: null, zones: [] })).toBeNull()
  })

  test('a new zone has a name of its own', () => {
    expect(freeName([{ ...emptyZone, name: 'zone 1' }], 'inspect')).toBe('zone 2')
  })
})
