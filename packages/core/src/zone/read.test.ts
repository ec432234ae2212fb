import { encodePng } from '../image/index.ts'
import { expect, test } from 'vitest'
import { createTestFolder } from '../testing/folder.ts'
import { readZones } from './read.ts'

const face = {
  name: 'face',
  kind: 'inspect',
  polygon: [
    [0, 0],
    [9, 0],
    [9, 9],
  ],
}

async function read(content: unknown, text = JSON.stringify(content)): Promise<unknown> {
  await using folder = await createTestFolder()
  return await readZones(await folder.write('zones.json', text)).catch((error: unknown) => error)
}

test('a file of zones is read with its rates as people write them', async () => {
  const zones = await read({
    mmPerPixel: 0.05,
    zones: [{ ...face, falseAlarms: '1 in 500', falseMasks: 0.1, smallestAreaMm2: 0.2, mostRegions: 2 }],
  })
  expect(zones).toEqual({
    mmPerPixel: 0.05,
    zones: [
      {
        name: 'face',
        kind: 'inspect',
        shape: { kind: 'polygon', unit: 'pixel', corners: face.polygon },
        falseAlarms: 0.002,
        falseMasks: 0.1,
        smallestAreaMm2: 0.2,
        mostRegions: 2,
      },
    ],
  })
})

test('where only ignored zones are given, everything else is inspected', async () => {
  const zones = await read({
    unit: 'relative',
    zones: [
      {
        ...face,
        kind: 'ignore',
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      },
    ],
  })
  expect(zones).toMatchObject({
    zones: [{ name: 'everything else', shape: { kind: 'whole' } }, { name: 'face' }],
  })
})

test('a mask beside the file is kept as runs', async () => {
  await using folder = await createTestFolder()
  await folder.write('in/label.png', await encodePng(Uint8Array.of(0, 0, 255, 255, 0, 7), 3, 2, 1))
  const file = await folder.write(
    'in/zones.json',
    JSON.stringify({ zones: [{ name: 'l', kind: 'inspect', mask: 'label.png' }] }),
  )
  expect(await readZones(file)).toEqual({
    mmPerPixel: null,
    zones: [{ name: 'l', kind: 'inspect', shape: { kind: 'mask', width: 3, height: 2, runs: [2, 2, 1, 1] } }],
  })
})

test.each([
  [{ zones: [] }, 'zones'],
  [{ zones: [{ ...face, kind: 'inspct' }] }, 'zones[0].kind'],
  [
    {
      zones: [
        face,
        {
          ...face,
          polygon: [
            [0, 0],
            [1, 0],
            ['2', 2],
          ],
          name: 'b',
        },
      ],
    },
    'zones[1].polygon[2][0]',
  ],
  [
    {
      zones: [
        {
          ...face,
          polygon: [
            [0, 0],
            [1, 0],
          ],
        },
      ],
    },
    'zones[0].polygon',
  ],
  [{ zones: [face], mmPerPixels: 1 }, 'the top level: unknown key "mmPerPixels"'],
  [{ zones: [{ ...face, treshold: 1 }] }, 'zones[0]: unknown key "treshold"'],
  [{ zones: [{ ...face, falseAlarms: '1 of 500' }] }, 'zones[0].falseAlarms: a rate such as'],
  [{ zones: [face, face] }, 'zones[1].name: "face" is there twice'],
  [{ zones: [{ ...face, mask: 'a.png' }] }, 'zones[0]: it has both'],
  [
    { zones: [{ ...face, smallestAreaMm2: 1 }] },
    'zones[0].smallestAreaMm2: square millimetres need mmPerPixel',
  ],
  [
    { mmPerPixel: 1, zones: [{ ...face, smallestAreaMm2: 1, smallestAreaPx: 4 }] },
    'zones[0]: it has a smallest area both',
  ],
  [
    { zones: [{ ...face, kind: 'ignore', mostRegions: 1 }] },
    'zones[0].mostRegions: an ignored zone has no rules',
  ],
  [
    { unit: 'relative', zones: [face] },
    'zones[0].polygon[1]: relative corners lie between 0 and 1, not at 9, 0',
  ],
  [{ zones: [{ name: 'all', kind: 'ignore' }] }, 'zones: nothing is left to inspect'],
  [{ zones: [{ name: 'm', kind: 'inspect', mask: 'gone.png' }] }, 'zones[0].mask'],
  [[], 'the top level'],
])('%j is refused with its place', async (content, place) => {
  const error = await read(content)
  expect(error).toMatchObject({ code: 'ZONES_INVALID' })
  expect(error instanceof Error ? error.message : '').toContain(` does not fit at ${place}`)
})

test('a mask that is black all over would inspect nothing and is refused', async () => {
  await using folder = await createTestFolder()
  await folder.write('black.png', await encodePng(new Uint8Array(6), 3, 2, 1))
  const file = await folder.write(
    'zones.json',
    JSON.stringify({ zones: [{ name: 'l', kind: 'inspect', mask: 'black.png' }] }),
  )
  await expect(readZones(file)).rejects.toMatchObject({
    code: 'ZONES_INVALID',
    params: { where: 'zones[0].mask' },
  })
})

test('a file that is none or no JSON says so', async () => {
  expect(await read(null, '{"zones": [')).toMatchObject({ code: 'ZONES_UNREADABLE' })
  await expect(readZones('nowhere/zones.json')).rejects.toMatchObject({
    message: 'Cannot read the zones nowhere/zones.json: there is no such file.',
  })
})
