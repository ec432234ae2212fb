import { readdir, readFile } from 'node:fs/promises'
import { inspectionSchema } from '@assay/contract'
import { decodeFloatTiff, decodeImage } from '@assay/core'
import { expect, test } from 'vitest'
import { run } from '../run.ts'
import { createFakeCore, createFakeInspector, fakeCard, drawPart } from '../testing/fake-core.ts'
import { createTestFolder } from '@assay/core/testing/folder'
import { createTestHost, runCommandLine } from '../testing/host.ts'

const core = createFakeCore()
const inspect = (...words: string[]) => runCommandLine(['inspect', 'model.onnx', ...words], { core })
const parseLines = (out: string) =>
  out
    .trim()
    .split('\n')
    .map((line) => inspectionSchema.parse(JSON.parse(line)))

test('each image is one line of JSON with exactly the agreed keys, in natural order', async () => {
  await using folder = await createTestFolder()
  await folder.write('p10.png', await drawPart(20, 30))
  await folder.write('p9.png', await drawPart(20, 200))
  const { code, out } = await inspect(folder.path, '--json', '--quiet')
  const records = parseLines(out)
  expect(records.map((r) => [r.image, r.verdict])).toEqual([
    [folder.at('p9.png'), 'defect'],
    [folder.at('p10.png'), 'good'],
  ])
  expect(Object.keys(records[0]!)).toEqual([
    'image',
    'product',
    'score',
    'calibrated',
    'threshold',
    'verdict',
    'regions',
    'map',
    'mask',
    'error',
  ])
  expect(code).toBe(0)
})

test('a defect does not change the exit code, a file that cannot be read does, and the rest goes on', async () => {
  await using folder = await createTestFolder()
  await folder.write('a.png', await drawPart(20, 200))
  await folder.write('b.png', new Uint8Array(0))
  await folder.write('c.png', (await drawPart(20, 30)).subarray(0, 60))
  await folder.write('d.png', await drawPart(20, 30))
  const { code, out, err } = await inspect(folder.path, '--json')
  const records = parseLines(out)
  expect(records.map((r) => r.error?.code ?? r.verdict)).toEqual([
    'defect',
    'IMAGE_UNREADABLE',
    'IMAGE_UNREADABLE',
    'good',
  ])
  expect(records[1]).toMatchObject({ image: folder.at('b.png'), score: null, verdict: null, regions: [] })
  expect(code).toBe(65)
  expect(err).toContain('4 images: 1 defect, 1 good, 2 could not be inspected.')
})

test('with --fail-on the exit code tells a defect from an unsure image, and both from a fault', async () => {
  await using folder = await createTestFolder()
  await folder.write('good.png', await drawPart(20, 30))
  const unsure = await folder.write('unsure.png', await drawPart(20, 90))
  const defect = await folder.write('defect.png', await drawPart(20, 200))
  const failOn = async (verdict: string, ...paths: string[]): Promise<number> =>
    (await inspect(folder.at('good.png'), ...paths, '--fail-on', verdict)).code
  expect(await failOn('defect', unsure)).toBe(0)
  expect(await failOn('unsure', unsure)).toBe(2)
  expect(await failOn('defect', unsure, defect)).toBe(1)
  expect(await failOn('unsure', unsure, defect)).toBe(1)
  expect(await failOn('unsure')).toBe(0)
  expect(await failOn('defect', defect, folder.at('gone.png'))).toBe(65)
})

test('people get a line per image with verdict, score, threshold and name', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('a.png', await drawPart(20, 200))
  const { out } = await inspect(file)
  expect(out).toBe(`defect    200.0 > 100.0  1 region    cap  ${file}\n`)
})

test('with --out there are overlay, map, mask and page for each image, and no two share a file', async () => {
  await using folder = await createTestFolder()
  for (const name of ['left/1.png', 'right/1.png', 'right/1.bmp.png'])
    await folder.write(`in/${name}`, await drawPart(20, 200))
  await folder.write('in/right/1.jpg', await drawPart(20, 30))
  const { out, code } = await inspect(folder.at('in'), '--json', '--out', folder.at('report'))
  expect(code).toBe(0)
  const records = parseLines(out)
  for (const kind of ['map', 'mask'] as const) expect(new Set(records.map((r) => r[kind])).size).toBe(4)
  const [first] = records
  const map = decodeFloatTiff(await readFile(first!.map!))
  expect([map.width, map.height, map.plane[0], map.plane[4 * 24 + 5]]).toEqual([24, 16, 20, 200])
  const mask = await decodeImage(first!.mask!)
  expect(new Set(mask.pixels)).toEqual(new Set([0, 255]))
  expect(mask.channels).toBe(1)
  const overlay = await decodeImage(folder.at('report/overlays/left/1.png'))
  expect([overlay.width, overlay.height]).toEqual([24, 16])
  const page = await readFile(folder.at('report/index.html'), 'utf8')
  for (const link of page.matchAll(/(?:src|href)="((?!data:|#)[^"]*)"/g)) {
    await expect(readFile(folder.at('report', decodeURIComponent(link[1]!)))).resolves.toBeDefined()
  }
  const lines = await readFile(folder.at('report/inspections.jsonl'), 'utf8')
  expect(parseLines(lines)).toEqual(records)
})

test('a second run into the same folder inspects the parts, not the results of the first', async () => {
  await using folder = await createTestFolder()
  await folder.write('a.png', await drawPart(20, 200))
  const once = () => inspect(folder.path, '--json', '--quiet', '--out', folder.at('report'))
  const first = await once()
  expect(await once()).toEqual(first)
})

test('paths that are not there get a line when others are, and end the run when none is', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('a.png', await drawPart(20, 30))
  const some = await inspect(file, folder.at('gone.png'), '--json')
  expect(parseLines(some.out).map((r) => r.error?.code)).toEqual([undefined, 'IMAGE_NOT_FOUND'])
  expect(some.code).toBe(65)
  const none = await inspect(folder.at('gone.png'))
  expect(none).toMatchObject({ code: 66, out: '' })
  expect(none.err).toContain(`There is no image or folder at ${folder.at('gone.png')}.`)
})

test('a folder without images is an error, not a silent success', async () => {
  await using folder = await createTestFolder()
  await folder.write('notes.txt', 'x')
  const { code, err } = await inspect(folder.path)
  expect(code).toBe(66)
  expect(err).toContain('There is no image in the folder')
})

test('an output folder that cannot be written is refused before the model is even opened', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('a.png', await drawPart(20, 30))
  let isOpened = false
  const watched = createFakeCore({
    openModel: () => {
      isOpened = true
      return Promise.resolve(createFakeInspector())
    },
  })
  const { code, err } = await runCommandLine(['inspect', 'model.onnx', file, '--out', `${file}/report`], {
    core: watched,
  })
  expect(code).toBe(73)
  expect(err).toContain('a part of the path is a file')
  expect(isOpened).toBe(false)
})

test('a product that the model does not know is refused at once, with the right name', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('a.png', await drawPart(20, 30))
  const { code, err } = await inspect(file, '--product', 'tiles')
  expect(code).toBe(64)
  expect(err).toContain('Did you mean "tile"? Products: cap, tile.')
})

test('an interrupted inspection keeps what was done and says so', async () => {
  await using folder = await createTestFolder()
  for (const name of ['a', 'b', 'c']) await folder.write(`in/${name}.png`, await drawPart(20, 200))
  let inspected = 0
  const stopAtTwo = (): void => {
    if (++inspected === 2) host.controller.abort()
  }
  const host = createTestHost(['inspect', 'model.onnx', folder.at('in'), '--out', folder.at('report')], {
    core: createFakeCore({ openModel: () => Promise.resolve(createFakeInspector(fakeCard, stopAtTwo)) }),
  })
  expect(await run(host)).toBe(130)
  expect(host.printed.err).toContain('error: The inspection was stopped.')
  expect(await readdir(folder.at('report'))).toContain('index.html')
  expect(host.printed.out.trim().split('\n').length).toBeLessThan(3)
})

test('a fault of ours in one picture does not look like a bad picture', async () => {
  await using folder = await createTestFolder()
  const file = await folder.write('a.png', await drawPart(20, 30))
  const fail = (): void => {
    throw new Error('internal: no map')
  }
  const broken = createFakeCore({ openModel: () => Promise.resolve(createFakeInspector(fakeCard, fail)) })
  const { code, err, out } = await runCommandLine(['inspect', 'm.onnx', file], { core: broken })
  expect({ code, out }).toEqual({ code: 70, out: '' })
  expect(err).toContain('This is a fault of Assay')
})
