import { AssayError } from '@assay/contract'
import type { ExportOptions, ExportResult } from '@assay/core'
import { expect, test } from 'vitest'
import type { Core } from '../core.ts'
import { createFakeCore } from '../testing/fake-core.ts'
import { runCommandLine } from '../testing/host.ts'

/** An export that answers at once; some of its answer may be different. */
function createExport(answer: Partial<ExportResult> = {}) {
  const asked: ExportOptions[] = []
  const exportModel: Core['exportModel'] = async function* (options) {
    asked.push(options)
    yield { type: 'stage', stage: 'evaluate', done: 1, total: 1 }
    const row = { provider: 'cpu', images: 4, misrouted: 0, score: 2e-3, map: 3e-2, mask: 1e-4 }
    return {
      model: options.out,
      precision: options.precision,
      arithmetic: 'int8',
      thresholds: 'kept',
      differences: [{ ...row, verdicts: 0 }],
      parity: [{ ...row, score: 0, map: 0, mask: 0 }],
      bytes: { before: 4_000_000, after: 2_000_000 },
      milliseconds: { before: 40, after: 25 },
      auroc: null,
      ...answer,
    }
  }
  return { asked, core: createFakeCore({ exportModel }) }
}

test('the variant goes beside the model, with its precision in the name, and is compared on the CPU', async () => {
  const { asked, core } = createExport()
  const { code, out } = await runCommandLine(['export', 'm.onnx', '--precision', 'float16'], { core })
  expect(asked).toMatchObject([
    { model: 'm.onnx', out: 'm-float16.onnx', precision: 'float16', images: [], providers: ['cpu'] },
  ])
  expect(out).toMatch(/size +4\.0 MB +2\.0 MB\none input +40\.0 ms +25\.0 ms/)
  expect(out).toMatch(/against the float32 file .*\ncpu +4 +2\.0e-3 +3\.0e-2 +1\.0e-4 +0/)
  expect(out).toContain('every compared image has the same verdict')
  expect(code).toBe(0)
})

test('AUROC is shown with two digits, and it is said plainly when the variant is worse', async () => {
  const pair = { before: 0.984, after: 0.9825 }
  const auroc = { image: pair, pixel: { before: 0.97, after: null }, isEqual: false }
  const { asked, core } = createExport({ auroc, thresholds: 'recalibrated' })
  const words = [
    'export',
    'm.onnx',
    'a.png',
    '--precision',
    'int8',
    '--calibration',
    'good',
    '--data',
    'parts',
  ]
  const { out } = await runCommandLine([...words, '--out', 'small.onnx', '--threads', '1'], { core })
  expect(asked).toMatchObject([
    { out: 'small.onnx', images: ['a.png'], calibration: 'good', data: 'parts', threads: 1 },
  ])
  expect(out).toMatch(/image AUROC +98\.40 +98\.25\npixel AUROC +97\.00 +–/)
  expect(out).toContain('worse in AUROC by more than 0.1 points')
  expect(out).toContain('set again on the calibration images')
  const json = await runCommandLine([...words, '--json'], { core })
  expect(JSON.parse(json.out)).toMatchObject({ auroc: { isEqual: false }, thresholds: 'recalibrated' })
})

test.each([
  [[], 'needs --precision, one of float16, int8'],
  [['--precision', 'int4'], 'it is one of float16, int8'],
  [['--precision', 'float16', '--providers', 'gpu'], 'it is one of auto, cpu'],
])('the options %j are refused before anything is read', async (words, message) => {
  const { asked, core } = createExport()
  const { code, err } = await runCommandLine(['export', 'm.onnx', ...words], { core })
  expect(err).toContain(message)
  expect([code, asked]).toEqual([64, []])
})

test('a variant that judges differently is an error with what to do', async () => {
  // oxlint-disable-next-line require-yield
  const exportModel: Core['exportModel'] = async function* () {
    throw new AssayError('EXPORT_VERDICTS_DIFFER', {
      path: 'm-float16.onnx',
      precision: 'float16',
      differing: 1,
      images: 8,
    })
  }
  const { code, err } = await runCommandLine(['export', 'm.onnx', '--precision', 'float16'], {
    core: createFakeCore({ exportModel }),
  })
  expect(err).toContain('another verdict than the float32 file in 1 of 8 images')
  expect(err).toContain('--calibration')
  expect(code).toBe(69)
})
