import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AssayError } from '@assay/contract'
import { decodeFloatTiff, decodeImage, encodeMaskPng, readImageHeader, toRgb8 } from '../../image/index.ts'
import { drain } from '../../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { openCheckpoint } from '../../weights/index.ts'
import { binariseMaps } from './binarise.ts'
import { cropDataset } from './crop.ts'
import { evaluateMasks } from './evaluate.ts'
import type { StepOptions } from './event.ts'
import { mapTiles } from './maps.ts'
import { mergeMaps } from './merge.ts'
import { listFiles } from './record.ts'
import { refineMasks } from './refine.ts'
import { submitMaps } from './submit.ts'
import { createStepTree, type StepTree } from './testing/tree.ts'
import { trainOnTiles } from './train.ts'

/** Cropped and trained once; each test that changes anything works in a tree of its own. */
let folder: TestFolder
let tree: StepTree
let common: StepOptions

beforeAll(async () => {
  folder = await createTestFolder()
  tree = await createStepTree(folder, ['can', 'fabric'])
  common = { ...tree, threads: 1 }
  await drain(cropDataset(common))
  await drain(trainOnTiles({ ...common, steps: 4 }))
}, 60_000)

afterAll(() => folder[Symbol.asyncDispose]())

/** The same tiles and models with maps and masks elsewhere. */
function elsewhere(name: string, more: Partial<StepOptions['settings']> = {}): StepOptions {
  const settings = {
    ...tree.settings,
    amap_savedir: folder.at(name, 'maps'),
    bin_savedir: folder.at(name, 'masks'),
    ...more,
  }
  return { ...common, settings }
}

async function runTo(options: StepOptions): Promise<void> {
  await drain(mapTiles(options))
  await drain(mergeMaps(options))
  await drain(binariseMaps(options))
}

const codeOf = (run: Promise<unknown>) =>
  run.then(
    () => 'no error',
    (error: unknown) => (error instanceof AssayError ? error.code : String(error)),
  )

test('tiles lie in the published tree under their published names, masks of the truth too', async () => {
  const files = await listFiles(folder.at('tiles', 'can'))
  expect(files).toContain('train/good/000_regular_11.png')
  expect(files).toContain('test_private/001_regular_10.png')
  expect(files).toContain('test_public/ground_truth/bad/000_regular_mask_00.png')
  expect(files).toHaveLength(4 * (3 + 2 + 4 + 2 + 2))
})

test('a tile holds the pixels of its place, and zeros beyond the picture', async () => {
  const picture = toRgb8(await decodeImage(folder.at('data/can/train/good/000_regular.png')))
  const tile = await decodeImage(folder.at('tiles/can/train/good/000_regular_11.png'))
  expect([tile.width, tile.height, tile.channels]).toEqual([64, 64, 3])
  // The step is int(64 * 0.9) = 57.
  for (const [x, y] of [
    [0, 0],
    [42, 32],
    [10, 5],
  ] as const)
    expect([...tile.pixels.subarray(3 * (y * 64 + x), 3 * (y * 64 + x) + 3)]).toEqual([
      ...picture.pixels.subarray(3 * ((y + 57) * 100 + x + 57), 3 * ((y + 57) * 100 + x + 57) + 3),
    ])
  expect(tile.pixels[3 * 43]).toBe(0)
  expect(tile.pixels[3 * 33 * 64]).toBe(0)
})

test('cropping says beforehand what it takes, and a second time makes nothing', async () => {
  const { events, result } = await drain(cropDataset(common))
  const space = events.find((event) => event.type === 'space')
  const bytes = (
    await Promise.all(
      (await listFiles(folder.at('tiles'))).map(async (file) => (await stat(folder.at('tiles', file))).size),
    )
  ).reduce((a, b) => a + b, 0)
  expect(space?.pictures).toBe(26)
  expect(space?.bytes ?? 0).toBeGreaterThan(0.8 * bytes)
  expect(space?.bytes ?? 0).toBeLessThan(1.5 * bytes)
  expect(result.objects.map(({ made, kept }) => [made, kept])).toEqual([
    [0, 52],
    [0, 52],
  ])
})

test('a damaged picture is reported, and the others are cut', async () => {
  await using own = await createTestFolder()
  const { settings } = await createStepTree(own, ['can'])
  await writeFile(own.at('data/can/train/good/001_regular.png'), 'no picture')
  const { events, result } = await drain(cropDataset({ settings }))
  expect(result.objects).toEqual([{ object: 'can', made: 48, kept: 0, failed: 1 }])
  expect(events.filter((e) => e.type === 'image-error').map((e) => e.image)).toEqual([
    own.at('data/can/train/good/001_regular.png'),
  ])
})

test('other settings are refused, and with force the old tiles go', async () => {
  await using own = await createTestFolder()
  const { settings } = await createStepTree(own, ['can'])
  await drain(cropDataset({ settings }))
  const larger = { ...settings, window_size: 128 }
  await expect(drain(cropDataset({ settings: larger }))).rejects.toMatchObject({
    code: 'STEP_MISMATCH',
    params: { what: 'window_size' },
  })
  await drain(cropDataset({ settings: larger, force: true }))
  expect(await readdir(own.at('tiles/can/train/good'))).toEqual([0, 1, 2].map((i) => `00${i}_regular_00.png`))
})

test('what others have made is not overwritten, by force neither', async () => {
  await using own = await createTestFolder()
  const { settings } = await createStepTree(own, ['can'])
  await own.write('tiles/can/train/good/000_regular_00.png', 'theirs')
  for (const force of [false, true])
    expect(await codeOf(drain(cropDataset({ settings, force })))).toBe('OUTPUT_EXISTS')
  expect(await readFile(own.at('tiles/can/train/good/000_regular_00.png'), 'utf8')).toBe('theirs')
})

test('a trained model holds what was learned under the reference names, and says how', async () => {
  await using file = await openCheckpoint(folder.at('weights/can/model.safetensors'))
  expect(file.metadata).toMatchObject({
    encoder: 'test',
    object: 'can',
    crop_size: '56',
    seed: '1',
    steps: '4',
  })
  expect(file.names().slice(0, 2)).toEqual(['prototype_token', 'bottleneck.0.fc1.weight'])
  expect(file.info('prototype_token').shape).toEqual([2, 8])
})

test('a training that is there is not repeated, one with other settings is refused', async () => {
  const { result } = await drain(trainOnTiles({ ...common, steps: 4 }))
  expect(result.objects.map((o) => o.kept)).toEqual([1, 1])
  await expect(drain(trainOnTiles({ ...common, steps: 5 }))).rejects.toMatchObject({
    code: 'STEP_MISMATCH',
    params: { what: 'steps' },
  })
})

test('a training that was stopped goes on and ends in the same bytes', async () => {
  const settings = { ...tree.settings, save_dir: folder.at('stopped'), mvtecad2_class_list: ['can'] }
  const controller = new AbortController()
  const stopped = drain(
    trainOnTiles({ ...common, settings, steps: 4, signal: controller.signal }),
    (event) => {
      if (event.type === 'step' && event.step === 2) controller.abort()
    },
  )
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
  await expect(drain(trainOnTiles({ ...common, settings, steps: 5 }))).rejects.toMatchObject({
    code: 'STEP_MISMATCH',
    params: { what: 'steps' },
  })
  const { events } = await drain(trainOnTiles({ ...common, settings, steps: 4 }))
  expect(events.find((event) => event.type === 'resumed')).toMatchObject({ step: 2, of: 4 })
  expect(await readFile(folder.at('stopped/can/model.safetensors'))).toEqual(
    await readFile(folder.at('weights/can/model.safetensors')),
  )
  expect(await readdir(folder.at('stopped/can'))).toEqual(['model.safetensors'])
})

test('training without tiles, and maps without a model, say which step comes before', async () => {
  const nothing = elsewhere('nothing', { data_path: folder.at('no-tiles') })
  await expect(drain(trainOnTiles(nothing))).rejects.toMatchObject({
    code: 'STEP_INPUT_MISSING',
    hint: 'Run "assay step crop" first, or name the folder that holds it.',
  })
  await expect(drain(mapTiles(elsewhere('x', { save_dir: folder.at('none') })))).rejects.toMatchObject({
    code: 'STEP_INPUT_MISSING',
    params: { step: 'train' },
  })
})

test('published maps reach from 0 to 255 over the split, in float16, flat outside the public split', async () => {
  const options = elsewhere('published')
  const { result } = await drain(mapTiles(options))
  expect(result.sees).toBe('test')
  expect(result.objects[0]).toEqual({ object: 'can', made: 16, kept: 0, failed: 0 })
  const files = await listFiles(folder.at('published/maps/can/test_public'))
  expect(files).toHaveLength(16)
  const planes = await Promise.all(
    files.map(async (file) =>
      decodeFloatTiff(await readFile(folder.at('published/maps/can/test_public', file))),
    ),
  )
  expect(planes[0]?.width).toBe(16)
  const values = planes.flatMap((p) => [...p.plane])
  expect(Math.min(...values)).toBe(0)
  expect(Math.max(...values)).toBe(255)
  await drain(mapTiles(elsewhere('published', { test_type: 'validation' })))
  expect(await listFiles(folder.at('published/maps/can/validation'))).toContain('000_regular_00.tiff')
})

test('an interrupted split goes on, and its maps are those of an uninterrupted one', async () => {
  const options = elsewhere('halves', { mvtecad2_class_list: ['can'] })
  const controller = new AbortController()
  const stopped = drain(mapTiles({ ...options, signal: controller.signal }), (event) => {
    if (event.type === 'stage' && event.what === 'mapping' && event.done === 7) controller.abort()
  })
  await expect(stopped).rejects.toMatchObject({ name: 'AbortError' })
  expect(await listFiles(folder.at('halves/maps/can'))).toEqual([])
  await drain(mapTiles(options))
  const whole = elsewhere('whole', { mvtecad2_class_list: ['can'] })
  await drain(mapTiles(whole))
  for (const file of await listFiles(folder.at('whole/maps/can')))
    expect(await readFile(folder.at('halves/maps/can', file))).toEqual(
      await readFile(folder.at('whole/maps/can', file)),
    )
})

test('joined maps take the place of those of the tiles, and nothing is made twice', async () => {
  const options = elsewhere('joined')
  await drain(mapTiles(options))
  const { result } = await drain(mergeMaps(options))
  expect(result.objects[1]).toEqual({ object: 'fabric', made: 4, kept: 0, failed: 0 })
  const files = await listFiles(folder.at('joined/maps/can/test_public'))
  expect(files).toEqual(['bad', 'good'].flatMap((l) => [0, 1].map((i) => `${l}/00${i}_regular.tiff`)))
  const map = decodeFloatTiff(await readFile(folder.at('joined/maps/can/test_public/bad/000_regular.tiff')))
  expect([map.width, map.height]).toEqual([25, 22])
  expect((await drain(mapTiles(options))).result.objects[0]).toMatchObject({ made: 0, kept: 16 })
  expect((await drain(mergeMaps(options))).result.objects[0]).toMatchObject({ made: 0, kept: 4 })
})

test('a tile that cannot be read is reported with its picture, and later changes the scale of all', async () => {
  await using own = await createTestFolder()
  const { settings, encoders } = await createStepTree(own, ['can'])
  const options = { settings: { ...settings, save_dir: tree.settings.save_dir }, encoders, threads: 1 }
  await drain(cropDataset(options))
  const tile = own.at('tiles/can/test_public/bad/001_regular_10.png')
  const kept = await readFile(tile)
  await writeFile(tile, kept.subarray(0, 60))
  const first = await drain(mapTiles(options))
  expect(first.result.objects).toEqual([{ object: 'can', made: 15, kept: 0, failed: 1 }])
  const merged = await drain(mergeMaps(options))
  expect(merged.result.objects).toEqual([{ object: 'can', made: 3, kept: 0, failed: 1 }])
  expect(merged.events.find((e) => e.type === 'image-error')?.code).toBe('STEP_INPUT_MISSING')
  await writeFile(tile, kept)
  expect((await drain(mapTiles(options))).result.objects[0]?.failed).toBe(0)
  await drain(mergeMaps(options))
  const whole = elsewhere('repaired', { mvtecad2_class_list: ['can'] })
  await drain(mapTiles(whole))
  await drain(mergeMaps(whole))
  for (const file of await listFiles(own.at('maps/can')))
    expect(await readFile(own.at('maps/can', file))).toEqual(
      await readFile(folder.at('repaired/maps/can', file)),
    )
})

test('masks see the split under test with published maps, and good maps with raw ones', async () => {
  const published = elsewhere('masks-published')
  await runTo(published)
  const { result } = await drain(binariseMaps(published))
  expect(result).toMatchObject({
    sees: 'test',
    objects: [
      { made: 0, kept: 4 },
      { made: 0, kept: 4 },
    ],
  })
  const mask = await readImageHeader(folder.at('masks-published/masks/can/test_public/bad/000_regular.png'))
  expect([mask.width, mask.height, mask.channels]).toEqual([25, 22, 1])
  const raw = elsewhere('masks-raw', { mvtecad2_class_list: ['can'] })
  await drain(mapTiles({ ...raw, scale: 'raw' }))
  await drain(mergeMaps(raw))
  await expect(drain(binariseMaps(raw))).rejects.toMatchObject({
    code: 'STEP_INPUT_MISSING',
    params: { path: join(raw.settings.amap_savedir, 'can', 'validation'), step: 'merge' },
  })
  const validation = elsewhere('masks-raw', { mvtecad2_class_list: ['can'], test_type: 'validation' })
  await drain(mapTiles({ ...validation, scale: 'raw' }))
  await drain(mergeMaps(validation))
  expect((await drain(binariseMaps(raw))).result).toMatchObject({ sees: 'good', objects: [{ made: 4 }] })
})

test('masks are made anew when a map of the split has changed', async () => {
  const options = elsewhere('changed', { mvtecad2_class_list: ['can'] })
  await runTo(options)
  const map = folder.at('changed/maps/can/test_public/good/000_regular.tiff')
  const bytes = await readFile(map)
  await writeFile(map, bytes)
  await rm(folder.at('changed/masks/can/test_public/bad'), { recursive: true })
  expect((await drain(binariseMaps(options))).result.objects[0]).toMatchObject({ made: 4, kept: 0 })
})

test('maps of tiles that are not merged are no maps of pictures', async () => {
  const options = elsewhere('unmerged', { mvtecad2_class_list: ['can'] })
  await drain(mapTiles(options))
  await expect(drain(binariseMaps(options))).rejects.toMatchObject({
    code: 'STEP_INPUT_MISSING',
    params: { step: 'merge' },
  })
})

test('without weights the masks stay, and the step says what it left out', async () => {
  const options = elsewhere('no-sam', { mvtecad2_class_list: ['can'] })
  await runTo(options)
  const missing = { weights: 'sam-vit-h', url: 'u', megabytes: 1, licence: 'l' }
  const open = () => Promise.reject(new AssayError('WEIGHTS_MISSING', missing))
  const { result, events } = await drain(refineMasks({ ...options, open }))
  expect(result.leftOut?.code).toBe('WEIGHTS_MISSING')
  expect(events.at(-1)).toMatchObject({ type: 'warning' })
})

test('the answers of the segmenter take the place of masks, once, and rice is left alone', async () => {
  const options = elsewhere('sam')
  const coarse = new Uint8Array(25 * 22)
  for (const at of [0, 2, 4, 6, 8]) coarse.fill(255, at * 50, at * 50 + 5 + at)
  for (const object of ['can', 'fabric'])
    for (const name of ['good/000', 'good/001', 'bad/000', 'bad/001'])
      await folder.write(
        `sam/masks/${object}/test_public/${name}_regular.png`,
        await encodeMaskPng(name === 'good/000' ? new Uint8Array(coarse.length) : coarse, 25, 22),
      )
  await mkdir(folder.at('sam/masks/rice'))
  const asked: { boxes: number; multimask: boolean }[] = []
  const opened: string[] = []
  const open: NonNullable<Parameters<typeof refineMasks>[0]['open']> = (id) => {
    opened.push(id)
    return Promise.resolve({
      encode: ({ width, height }) =>
        Promise.resolve({
          width,
          height,
          segment: async function* (prompts, { multimask = false } = {}) {
            asked.push({ boxes: prompts.length, multimask })
            const mask = new Uint8Array(width * height)
            mask[0] = 255
            for (const prompt of prompts.keys())
              yield await Promise.resolve({ prompt, predictedIou: 1, mask })
          },
        }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    })
  }
  const first = await drain(refineMasks({ ...options, open }))
  expect(opened).toEqual(['sam-vit-h'])
  expect(first.result.objects).toEqual(
    ['can', 'fabric'].map((object) => ({ object, made: 4, kept: 0, failed: 0 })),
  )
  expect(asked).toEqual([false, false, false, true, true, true].map((multimask) => ({ boxes: 3, multimask })))
  for (const file of await listFiles(folder.at('sam/masks/can'))) {
    const { pixels } = await decodeImage(folder.at('sam/masks/can', file))
    expect(pixels.filter((value) => value !== 0)).toHaveLength(file.endsWith('good/000_regular.png') ? 0 : 1)
  }
  const before = asked.length
  const second = await drain(refineMasks({ ...options, open }))
  expect(second.result.objects[0]).toMatchObject({ made: 0, kept: 4 })
  expect(asked).toHaveLength(before)
  // By force the coarse masks are refined again, not the refined ones.
  await drain(refineMasks({ ...options, open, force: true }))
  expect(asked.slice(before)).toEqual(asked.slice(0, before))
})

test('evaluation gives official numbers of its own and those of the reference under their name', async () => {
  const options = elsewhere('evaluated')
  await runTo(options)
  const { result } = await drain(evaluateMasks(options))
  const can = result.metrics['can']
  expect(can?.images).toBe(4)
  for (const value of [can?.aupro05, can?.aupro30, can?.pixelF1Max, can?.segF1, can?.classF1])
    expect(value).toBeGreaterThanOrEqual(0)
  expect(can?.bound).toBeLessThan(0.02)
  expect(Object.keys(can?.robis ?? {})).toEqual([
    'imageAuroc',
    'imageAp',
    'imageF1Max',
    'pixelAuroc',
    'pixelAp',
    'pixelF1Max',
    'aupro',
  ])
  await expect(
    drain(evaluateMasks(elsewhere('evaluated', { test_type: 'test_private' }))),
  ).rejects.toMatchObject({ code: 'OPTION_INVALID', params: { option: 'test_type' } })
})

test('a submission that is not whole is not packed, and names what is missing', async () => {
  const options = elsewhere('submitted', { test_type: 'test_private' })
  await runTo(options)
  const { result } = await drain(submitMaps(folder.at('entry'), options))
  expect(result.packed).toBeNull()
  expect(await listFiles(folder.at('entry'))).toContain('anomaly_images/can/test_private/000_regular.tiff')
  const faults = result.report.faults.map((fault) => `${fault.path} ${fault.problem}`)
  expect(faults).toContain('anomaly_images/rice is missing')
  expect(faults).toContain('anomaly_images_thresholded/can/test_private/002_regular.png is missing')
  expect(await codeOf(drain(submitMaps(folder.at('entry'), options)))).toBe('OUTPUT_EXISTS')
})
