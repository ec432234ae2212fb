import { readdir } from 'node:fs/promises'
import { createTestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import { createFakeCore } from '../testing/fake-core.ts'
import { runCommandLine } from '../testing/host.ts'

test('a folder that breaks a rule of the server is not packed, and every fault is named with its file', async () => {
  await using place = await createTestFolder()
  await place.write('results/anomaly_images/can/test_private/000_regular.tiff', 'no map')
  await place.write('results/notes.txt', 'to be left out')
  const out = place.at('upload.tar.gz')
  const argv = ['submit', place.at('results'), '--out', out, '--json']
  const { code, out: text } = await runCommandLine(argv, { core: createFakeCore() })
  expect(code).toBe(65)
  const { report, packed } = JSON.parse(text) as {
    report: { faults: { path: string }[] }
    packed: unknown
  }
  expect(packed).toBeNull()
  const paths = report.faults.map((f) => f.path)
  expect(paths).toContain('notes.txt')
  expect(paths).toContain('anomaly_images/can/test_private/000_regular.tiff')
  expect(await readdir(place.path)).toEqual(['results'])
})

test('a folder that is sound is packed where it was asked for', async () => {
  await using place = await createTestFolder()
  await place.write('results/a.txt', 'content')
  const core = createFakeCore({
    checkSubmission: () => Promise.resolve({ faults: [], warnings: [], files: 1 }),
  })
  const out = place.at('upload.tar.gz')
  const run = await runCommandLine(['submit', place.at('results'), '--out', out], { core })
  expect([run.code, (await readdir(place.path)).sort()]).toEqual([0, ['results', 'upload.tar.gz']])
  expect(run.out).toContain('upload.tar.gz')
})
