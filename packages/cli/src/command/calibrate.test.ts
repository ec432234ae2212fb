import { AssayError } from '@assay/contract'
import type { RecalibratedProduct, RecalibrateOptions } from '@assay/core'
import { createTestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import type { Core } from '../core.ts'
import { run } from '../run.ts'
import { createFakeCore } from '../testing/fake-core.ts'
import { createTestHost, runCommandLine } from '../testing/host.ts'

const product: RecalibratedProduct = {
  name: 'cap',
  threshold: 2.4,
  pixelThreshold: 3,
  heldOut: 23,
  heldOutAbove: 0,
  falseAlarms: 0.002,
  promised: 0.1221,
  confidence: 0.95,
  unsure: null,
  before: 2.05,
  zones: [],
  defects: null,
}

/** A calibration that remembers what it was asked. */
function createCalibration(changes: Partial<RecalibratedProduct> = {}) {
  const asked: RecalibrateOptions[] = []
  const recalibrateModel: Core['recalibrateModel'] = async function* (options) {
    asked.push(options)
    yield { type: 'warning', message: '23 good images of "cap" can promise 1 in 8 false alarms at best.' }
    return { model: options.out ?? options.model, products: [{ ...product, ...changes }] }
  }
  return { asked, core: createFakeCore({ recalibrateModel }) }
}

test('rates as people write them reach the library, and what is not asked for is left open', async () => {
  const { asked, core } = createCalibration()
  const words = ['--false-alarms', '1 in 500', '--unsure', '5%', '--confidence', '90%', '--product', 'cap']
  await runCommandLine(['calibrate', 'm.onnx', 'good', ...words], { core })
  await runCommandLine(['calibrate', 'm.onnx', 'good', '--unsure', 'none', '--confidence', 'none'], { core })
  expect(asked[0]).toMatchObject({
    model: 'm.onnx',
    data: 'good',
    out: undefined,
    products: ['cap'],
    aims: { falseAlarms: 0.002, unsure: 0.05, confidence: 0.9, falseMasks: undefined },
  })
  expect(asked[0]).not.toHaveProperty('zones')
  expect(asked[1]?.aims).toEqual({
    falseAlarms: undefined,
    unsure: null,
    confidence: 0,
    falseMasks: undefined,
  })
})

test.each([
  ['--false-alarms', '1 of 500'],
  ['--false-alarms', '0'],
  ['--false-alarms', '80%'],
  ['--unsure', 'never'],
  ['--confidence', '100%'],
])('%s %s is refused', async (option, value) => {
  const { asked, core } = createCalibration()
  const { code, err } = await runCommandLine(['calibrate', 'm.onnx', 'good', option, value], { core })
  expect(code).toBe(64)
  expect(err).toContain(`"${value}" is not valid for ${option}`)
  expect(asked).toEqual([])
})

test('the summary says what was aimed at beside what is promised, and what it was before', async () => {
  const { out, err } = await runCommandLine(['calibrate', 'm.onnx', 'good'], createCalibration())
  expect(out).toBe(`m.onnx  1 product calibrated

product  threshold  held-out good  of them above  aimed at  promised (95 %)
cap          2.400             23              0  1 in 500           1 in 8

cap: the threshold was 2.050 and is 2.400; 23 good images promise at most 1 in 8 false alarms, with 95 % confidence.

Next: assay inspect m.onnx <image or folder> --out report
`)
  expect(err).toContain('warning: 23 good images of "cap" can promise 1 in 8')
})

test('zones, an unsure band and missed defects are in the summary where there are any', async () => {
  const { core } = createCalibration({
    unsure: 1.9,
    zones: [{ name: 'sealing face', threshold: 1.75, unsure: null }],
    defects: { missed: 3, total: 12 },
  })
  const { out } = await runCommandLine(['calibrate', 'm.onnx', 'good'], { core })
  expect(out).toMatch(/unsure above .*\ncap +2\.400 +1\.900 /)
  expect(out).toMatch(/cap +sealing face +1\.750/)
  expect(out).toContain('cap: of 12 labelled defects 3 would pass (25.0 %).')
})

test('the JSON is what the library returned', async () => {
  const { core } = createCalibration()
  const { out } = await runCommandLine(['calibrate', 'm.onnx', 'good', '--json'], { core })
  expect(JSON.parse(out)).toEqual({ model: 'm.onnx', products: [product] })
})

test('a file of zones is read, and its place in the file is named when it does not fit', async () => {
  await using folder = await createTestFolder()
  const { asked, core } = createCalibration()
  const zones = await folder.write(
    'zones.json',
    JSON.stringify({ zones: [{ name: 'all', kind: 'inspect' }] }),
  )
  await runCommandLine(['calibrate', 'm.onnx', 'good', '--zones', zones], { core })
  expect(asked[0]?.zones).toMatchObject({ zones: [{ name: 'all', shape: { kind: 'whole' } }] })
  await runCommandLine(['calibrate', 'm.onnx', 'good', '--zones', 'none'], { core })
  expect(asked[1]?.zones).toBeNull()
  const wrong = await folder.write('wrong.json', JSON.stringify({ zones: [{ name: 'all', kind: 'look' }] }))
  const { code, err } = await runCommandLine(['calibrate', 'm.onnx', 'good', '--zones', wrong], { core })
  expect(code).toBe(78)
  expect(err).toContain('wrong.json does not fit at zones[0].kind')
})

test('an interrupted calibration says that the model is as it was', async () => {
  const core = createFakeCore({
    recalibrateModel: async function* () {
      yield { type: 'stage', stage: 'calibrate', done: 1, total: 9 }
      throw new DOMException('stopped', 'AbortError')
    },
  })
  const host = createTestHost(['calibrate', 'm.onnx', 'good'], { core })
  expect(await run(host)).toBe(130)
  expect(host.printed.err).toContain('The model is as it was.')
})

test('errors of the library keep their exit code', async () => {
  const core = createFakeCore({
    recalibrateModel: async function* () {
      yield { type: 'stage', stage: 'calibrate', done: 1, total: 2 }
      throw new AssayError('ZONE_EMPTY', { zone: 'face', path: 'a.png', width: 4, height: 3 })
    },
  })
  const { code, err } = await runCommandLine(['calibrate', 'm.onnx', 'good'], { core })
  expect(code).toBe(65)
  expect(err).toContain('The zone "face" covers no pixel of a.png')
})
