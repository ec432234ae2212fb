import { expect, test } from 'vitest'
import { encodePng } from '../image/index.ts'
import { createTestFolder } from '../testing/folder.ts'
import { describeDataset, readDataset, readDefectAreas, readMask, saturatedArea } from './index.ts'
import { writeMiniature } from './testing/miniature.ts'

test('an area is saturated at its share rounded down, or at a number of pixels but never beyond itself', () => {
  expect(saturatedArea({ threshold: 0.7, isRelative: true }, 99)).toBe(69)
  expect(saturatedArea({ threshold: 1, isRelative: true }, 99)).toBe(99)
  expect(saturatedArea({ threshold: 120, isRelative: false }, 500)).toBe(120)
  expect(saturatedArea({ threshold: 120, isRelative: false }, 50)).toBe(50)
  expect(saturatedArea({ threshold: 0.5, isRelative: true }, 1)).toBe(1)
})

test('MVTec LOCO AD gives each product its kinds of defects by mask value', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'mvtec-loco')
  const { products } = await readDataset(root)
  expect(products.map((product) => product.defectKinds)).toEqual(
    products.map(() => [
      { name: 'broken', maskValue: 254, saturation: { threshold: 0.5, isRelative: true } },
      { name: 'one_too_many', maskValue: 255, saturation: { threshold: 20, isRelative: false } },
    ]),
  )
  const { products: described, oddities } = await describeDataset(root)
  expect(described[0]?.defectKinds).toHaveLength(2)
  expect(new Set(oddities.map((oddity) => oddity.code))).toEqual(
    new Set(['COUNTS_DIFFER', 'FEW_TRAINING_IMAGES']),
  )
})

test('each defect of an image has an area of its own, and together they are the mask', async () => {
  await using folder = await createTestFolder()
  const write = async (name: string, values: readonly number[]): Promise<string> =>
    folder.write(name, await encodePng(Uint8Array.from(values), 4, 1, 1))
  await write('000/000.png', [255, 0, 0, 255])
  await write('000/001.png', [0, 254, 0, 254])
  const image = { name: 'image.png', width: 4, height: 1 }
  const areas = await readDefectAreas(folder.at('000'), image)
  expect(areas.map(({ maskValue, pixels }) => [maskValue, [...pixels]])).toEqual([
    [255, [255, 0, 0, 255]],
    [254, [0, 255, 0, 255]],
  ])
  expect([...(await readMask(folder.at('000'), image))]).toEqual([255, 255, 0, 255])
  await expect(readMask(folder.at('000'), { ...image, width: 3 })).rejects.toThrow('it has 4 x 1 pixels')
  await folder.write('001/readme.txt', '')
  await expect(readMask(folder.at('001'), image)).rejects.toMatchObject({ code: 'DATA_MASK_MISMATCH' })
})

test('a mask with a value that nobody explains is pointed out', async () => {
  await using folder = await createTestFolder()
  const root = await writeMiniature(folder, 'mvtec-loco', { products: ['pushpins'] })
  const mask = new Uint8Array(70 * 66).fill(99, 0, 7)
  const path = 'pushpins/ground_truth/logical_anomalies/000/001.png'
  await folder.write(`data/${path}`, await encodePng(mask, 70, 66, 1))
  const { oddities } = await describeDataset(root)
  expect(oddities.find(({ code }) => code === 'MASK_VALUES_UNKNOWN')).toMatchObject({
    count: 1,
    examples: [path],
  })
})

test.each([
  ['{', 'JSON'],
  ['{}', 'it is no JSON list'],
  ['[{"defect_name": "a", "pixel_value": 255, "saturation_threshold": 1}]', 'entry 1 lacks'],
  [
    '[{"defect_name": "a", "pixel_value": 300, "saturation_threshold": 1, "relative_saturation": true}]',
    'entry 1 lacks',
  ],
  [
    '[{"defect_name": "a", "pixel_value": 9, "saturation_threshold": 0, "relative_saturation": true}]',
    'entry 1 lacks',
  ],
  [
    '[{"defect_name": "a", "pixel_value": 9, "saturation_threshold": 1, "relative_saturation": true}, {"defect_name": "b", "pixel_value": 9, "saturation_threshold": 1, "relative_saturation": true}]',
    'two entries have the same pixel_value',
  ],
])('a defects_config.json of another form is refused: %s', async (text, reason) => {
  await using folder = await createTestFolder()
  await folder.write('cap/train/good/0.png', '')
  await folder.write('cap/defects_config.json', text)
  await expect(readDataset(folder.path)).rejects.toMatchObject({
    code: 'DATA_LIST_INVALID',
    params: { path: folder.at('cap/defects_config.json'), reason: expect.stringContaining(reason) },
  })
})
