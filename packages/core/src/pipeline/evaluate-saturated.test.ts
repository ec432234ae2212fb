import fs from 'node:fs/promises'
import { evaluationSchema } from '@assay/contract'
import { expect, test } from 'vitest'
import { auspro, createDefectAccumulator, createPixelAccumulator } from '../metric/index.ts'
import { drain } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { toPng, writeTinyData } from '../testing/picture-folder.ts'
import { tinyModelBytes, trainTinyModel } from '../testing/tiny-model.ts'
import { evaluateModel } from './evaluate.ts'

const model = tinyModelBytes(await trainTinyModel())
const [width, height] = [96, 64]

/** A product in the layout of MVTec LOCO AD: three good pictures, one logical and two structural anomalies. */
async function writeLoco(): Promise<TestFolder> {
  const folder = await createTestFolder()
  await writeTinyData(folder, { kinds: [0], train: 1, test: 3, width, height })
  await folder.write(
    'data/defects_config.json',
    JSON.stringify([
      { defect_name: 'too_many', pixel_value: 255, saturation_threshold: 40, relative_saturation: false },
      { defect_name: 'broken', pixel_value: 200, saturation_threshold: 0.5, relative_saturation: true },
    ]),
  )
  for (const [i, kind] of ['logical', 'structural', 'structural'].entries()) {
    const test = folder.at(`data/test/${kind}_anomalies`)
    const truth = folder.at(`data/ground_truth/${kind}_anomalies/00${i}`)
    await fs.mkdir(test, { recursive: true })
    await fs.mkdir(truth, { recursive: true })
    await fs.rename(folder.at(`data/test/scar/00${i}.png`), `${test}/00${i}.png`)
    await fs.rename(folder.at(`data/ground_truth/scar/00${i}_mask.png`), `${truth}/000.png`)
  }
  await fs.rmdir(folder.at('data/test/scar'))
  // A second defect that overlaps the first, which lies in the right half, from a quarter of the height.
  await folder.write('data/ground_truth/structural_anomalies/001/001.png', await toPng(band(200)))
  return folder
}

function band(value: number) {
  const pixels = new Uint8Array(width * height)
  for (let y = 10; y < 26; y++) pixels.fill(value, y * width + 40, y * width + 60)
  return { pixels, width, height, channels: 1 as const, depth: 8 as const }
}

const evaluate = (data: string) => drain(evaluateModel({ model, data, threads: 1 }))

test('MVTec LOCO AD is measured by kind of anomaly, each defect saturating as its kind says', async () => {
  await using folder = await writeLoco()
  const { result, events } = await evaluate(folder.at('data'))
  expect(evaluationSchema.parse(result.evaluation)).toEqual(result.evaluation)
  const more = Object.values(result.evaluation.products)[0]?.more
  expect(more?.conditions).toBeUndefined()
  if (more?.saturated === undefined) throw new Error('nothing is saturated')
  const { kinds, ...mean } = more.saturated
  expect(Object.keys(kinds).sort()).toEqual(['logical_anomalies', 'structural_anomalies'])
  expect(kinds['logical_anomalies']).toMatchObject({ images: 1, imageAuroc: 1 })
  expect(kinds['structural_anomalies']).toMatchObject({ images: 2, imageAuroc: 1 })
  expect(mean).toMatchObject({ imageAuroc: 1 })
  expect(result.evaluation.mean.more?.saturated).toEqual(more.saturated)

  // The structural figure again, from the maps that were shown and areas drawn here.
  const pixels = createPixelAccumulator()
  const defects = createDefectAccumulator()
  for (const event of events) {
    if (event.type !== 'inspected' || event.defect === 'logical_anomalies') continue
    const { map } = event.inspected
    pixels.add(map, event.label === 'defect' ? event.truth : null, width, height)
    if (event.label !== 'defect') continue
    const isDouble = event.inspected.record.image.endsWith('001.png')
    const second = band(1).pixels
    const first = Uint8Array.from(event.truth ?? [], (value, i) => {
      const [x, y] = [i % width, Math.floor(i / width)]
      return value !== 0 && x >= width >> 1 && x < (width * 3) >> 2 && y >= height >> 2 && y < height >> 1
        ? 1
        : 0
    })
    defects.add(map, [
      { pixels: first, saturation: 40 },
      ...(isDouble ? [{ pixels: second, saturation: 160 }] : []),
    ])
  }
  const limits = [0.01, 0.05, 0.1, 0.3, 1]
  const expected = auspro(defects.sort(), [pixels.sort().outside], limits)
  const { auspro01, auspro05, auspro10, auspro30, auspro100 } = kinds['structural_anomalies']!
  expect([auspro01, auspro05, auspro10, auspro30, auspro100]).toEqual(expected)
  expect(mean.auspro05).toBeCloseTo(
    ((kinds['logical_anomalies']?.auspro05 ?? NaN) + (auspro05 ?? NaN)) / 2,
    12,
  )
})

test('a mask whose value nobody explains, or with two values, takes its picture out by name', async () => {
  await using folder = await writeLoco()
  const two = band(200)
  two.pixels[0] = 255
  await folder.write('data/ground_truth/structural_anomalies/001/001.png', await toPng(band(17)))
  await folder.write('data/ground_truth/structural_anomalies/002/000.png', await toPng(two))
  const { result, events } = await evaluate(folder.at('data'))
  expect(events.filter((event) => event.type === 'image-error')).toMatchObject([
    { image: expect.stringContaining('001.png'), message: expect.stringContaining('holds the value 17') },
    { image: expect.stringContaining('002.png'), message: expect.stringContaining('and other values') },
  ])
  expect(result.images).toBe(4)
})
