import { readFileSync } from 'node:fs'
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { encodeFloatTiff, encodeMaskPng } from '../../image/index.ts'
import { createTestFolder, type TestFolder } from '../../testing/folder.ts'
import { judgeMapFile, judgeMaskFile } from './content.ts'
import {
  checkSubmission,
  submissionFile,
  submissionFolder,
  submissionObjects,
  submissionSplits,
  type SubmissionKind,
} from './index.ts'

const map = encodeFloatTiff(Float32Array.from([0, 0.25, 0.5, 1]), 2, 2, { bits: 16 })
const mask = await encodeMaskPng(Uint8Array.from([0, 0, 1, 1]), 2, 2)

const fixture = (name: string): Uint8Array =>
  Uint8Array.from(readFileSync(new URL(`../../../../../fixtures/image/${name}`, import.meta.url)))

/** Files of 2 x 2 pixels: all maps, and the masks of some objects. */
async function writeSubmission(folder: TestFolder, masked: readonly string[] = []): Promise<string> {
  const write = async (kind: SubmissionKind, object: string): Promise<void> => {
    for (const split of submissionSplits) {
      const place = folder.at('results', submissionFolder(kind), object, split)
      await mkdir(place, { recursive: true })
      for (let i = 0; i < submissionObjects.get(object)!; i++)
        await writeFile(`${place}/${submissionFile(kind, split, i)}`, kind === 'maps' ? map : mask)
    }
  }
  for (const object of submissionObjects.keys()) await write('maps', object)
  for (const object of masked) await write('masks', object)
  return folder.at('results')
}

test('4090 maps pass without masks, with a warning what that costs', async () => {
  await using folder = await createTestFolder()
  const progress: number[] = []
  const report = await checkSubmission(await writeSubmission(folder), {
    onProgress: ({ done, total }) => progress.push(done / total),
  })
  expect(report).toEqual({
    faults: [],
    warnings: [
      {
        path: 'anomaly_images_thresholded',
        problem: 'is missing; without masks SegF1 and ClassF1 will be 0',
      },
    ],
    files: 4090,
  })
  expect(progress.length).toBe(4090)
  expect(progress.at(-1)).toBe(1)
})

test('masks are asked for whole once there are some', async () => {
  await using folder = await createTestFolder()
  const { faults, warnings, files } = await checkSubmission(await writeSubmission(folder, ['sheet_metal']))
  const others = [...submissionObjects.keys()].filter((object) => object !== 'sheet_metal')
  const missing = others.map((object) => ({
    path: `anomaly_images_thresholded/${object}`,
    problem: 'is missing',
  }))
  expect({ faults, warnings, files }).toEqual({ faults: missing, warnings: [], files: 4090 + 284 })
})

test('everything that is wrong is listed by its path, not only the first of it', async () => {
  await using folder = await createTestFolder()
  const root = await writeSubmission(folder)
  const at = (path: string): string => `${root}/${path}`
  const maps = 'anomaly_images'
  await writeFile(at('README.md'), 'ours')
  await rm(at(`${maps}/can`), { recursive: true })
  await mkdir(at(`${maps}/bottle`))
  await rm(at(`${maps}/fabric/test_private_mixed`), { recursive: true })
  await writeFile(at(`${maps}/fabric/test_private_mixed`), 'a file')
  await mkdir(at(`${maps}/fabric/test_public`))
  await rename(
    at(`${maps}/rice/test_private/000_regular.tiff`),
    at(`${maps}/rice/test_private/277_regular.tiff`),
  )
  await rename(
    at(`${maps}/rice/test_private/001_regular.tiff`),
    at(`${maps}/rice/test_private/001_regular.tif`),
  )
  await copyFile(
    at(`${maps}/vial/test_private/000_regular.tiff`),
    at(`${maps}/vial/test_private/000_mixed.tiff`),
  )
  await rm(at(`${maps}/walnuts/test_private/227_regular.tiff`))
  await mkdir(at(`${maps}/walnuts/test_private/227_regular.tiff`))
  await writeFile(at(`${maps}/walnuts/test_private_mixed/.DS_Store`), '')
  await writeFile(at(`${maps}/vial/test_private/005_regular.tiff`), map.subarray(0, -1))
  const { faults, warnings } = await checkSubmission(root)
  expect(faults.map(({ path, problem }) => `${path} ${problem}`)).toEqual([
    'README.md does not belong there',
    `${maps}/bottle does not belong there`,
    `${maps}/can is missing`,
    `${maps}/fabric/test_private_mixed is no folder`,
    `${maps}/fabric/test_public does not belong there`,
    `${maps}/rice/test_private/000_regular.tiff is missing`,
    `${maps}/rice/test_private/001_regular.tif does not belong there`,
    `${maps}/rice/test_private/001_regular.tiff is missing`,
    `${maps}/rice/test_private/277_regular.tiff does not belong there`,
    `${maps}/vial/test_private/000_mixed.tiff does not belong there`,
    `${maps}/vial/test_private/005_regular.tiff cannot be used: the TIFF file is cut`,
    `${maps}/walnuts/test_private/227_regular.tiff is no file`,
    `${maps}/walnuts/test_private_mixed/.DS_Store does not belong there`,
  ])
  expect(warnings.map((warning) => warning.path)).toEqual(['anomaly_images_thresholded'])
})

test('masks without maps, and no folder at all, are faults', async () => {
  await using folder = await createTestFolder()
  await mkdir(folder.at('results/anomaly_images_thresholded'), { recursive: true })
  const { faults } = await checkSubmission(folder.at('results'))
  expect(faults[0]).toEqual({ path: 'anomaly_images', problem: 'is missing' })
  expect(faults.length).toBe(1 + submissionObjects.size)
  const none = await checkSubmission(folder.at('result'))
  expect(none).toEqual({ faults: [{ path: '.', problem: 'is no folder' }], warnings: [], files: 0 })
})

test('a check is stopped by its signal', async () => {
  await using folder = await createTestFolder()
  const path = await folder.write('results/anomaly_images/can/test_private/000_regular.tiff', map)
  const root = dirname(dirname(dirname(dirname(path))))
  await expect(checkSubmission(root, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
})

test('a map is a half of one channel and one page', () => {
  expect(judgeMapFile(map)).toBe(null)
  expect(judgeMapFile(fixture('refused-float16.tif'))).toBe(null)
  expect(judgeMapFile(encodeFloatTiff(new Float32Array(4), 2, 2, { bits: 32 }))).toEqual({
    isFault: true,
    problem: 'has 32-bit samples, not 16-bit floats',
  })
  expect(judgeMapFile(fixture('grey16.tif'))).toEqual({
    isFault: true,
    problem: 'cannot be used: it has 16-bit samples of format 1, not floats',
  })
  expect(judgeMapFile(fixture('grey.png'))?.problem).toBe('cannot be used: it is not a TIFF file')
  expect(judgeMapFile(changed(map, tagValue(277), 3))?.problem).toBe('has 3 channels, not one')
  const second = changed(map, 10 + 11 * 12, 8)
  expect(judgeMapFile(second)?.problem).toBe('has several pages, not one')
})

test('a map whose values are lost is worth a warning, for the server takes it', () => {
  expect(judgeMapFile(encodeFloatTiff(Float32Array.from([NaN, 70000, 1, 2]), 2, 2, { bits: 16 }))).toEqual({
    isFault: false,
    problem: 'holds 2 values that are not finite; beyond 65504 a half is infinite',
  })
})

test('a compressed map is not called wrong, only unchecked', () => {
  expect(judgeMapFile(changed(map, tagValue(259), 8))).toEqual({
    isFault: false,
    problem: 'has the right kind, but its values could not be checked: it is compressed (TIFF scheme 8)',
  })
})

test('a mask is a grey PNG of 0 and 255', async () => {
  expect(await judgeMaskFile(mask)).toBe(null)
  expect((await judgeMaskFile(fixture('grey.png')))?.problem).toMatch(/^holds \d+, not only 0 and 255$/)
  expect((await judgeMaskFile(fixture('rgb.png')))?.problem).toBe('is stored as colour, not as grey')
  expect((await judgeMaskFile(fixture('palette-transparent.png')))?.problem).toBe(
    'is stored as a palette, not as grey',
  )
  expect((await judgeMaskFile(fixture('grey-alpha.png')))?.problem).toBe(
    'is stored as grey with alpha, not as grey',
  )
  expect((await judgeMaskFile(fixture('bit1.png')))?.problem).toBe(
    'has 1 bit per pixel, which reads as 0 and 1, not 0 and 255',
  )
  expect((await judgeMaskFile(fixture('grey.jpg')))?.problem).toBe('is no PNG file')
  expect((await judgeMaskFile(mask.subarray(0, 50)))?.problem).toMatch(/^cannot be used: /)
})

/** Where the value of a tag lies in a TIFF of ours. */
function tagValue(tag: number): number {
  const view = new DataView(map.buffer)
  for (let at = 10; ; at += 12) if (view.getUint16(at, true) === tag) return at + 8
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice()
  new DataView(copy.buffer).setUint16(at, value, true)
  return copy
}
