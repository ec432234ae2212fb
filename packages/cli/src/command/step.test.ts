import * as core from '@assay/core'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { publishedOptions, stepWords } from '../program-step.ts'
import { createFakeCore } from '../testing/fake-core.ts'
import { createTestHost, runCommandLine } from '../testing/host.ts'
import { run } from '../run.ts'

/** Two pictures of an object, and a file that says where everything is. */
async function createData(folder: TestFolder): Promise<string> {
  const pixels = Uint8Array.from({ length: 40 * 50 * 3 }, (_, i) => (i * 7) % 251)
  for (const name of ['000', '001'])
    await folder.write(`data/can/train/good/${name}_regular.png`, await core.encodePng(pixels, 50, 40, 3))
  return folder.write(
    'robis.yaml',
    `dataset:
  original_data_path: ${folder.at('data')}
  data_path: ${folder.at('tiles')}
  mvtecad2_class_list: all
crop:
  window_size: 64
training:
  train_state: True
device: 0
`,
  )
}

const fakeCore = createFakeCore()
const assay = (...argv: string[]) => runCommandLine(argv, { core: fakeCore })

test('every published option is a setting of the library, with the default that its help names', () => {
  const names = publishedOptions.map(([flags]) => flags.slice(2).split(' ')[0] ?? '')
  expect([...names].sort()).toEqual([...core.stepKeys].sort())
  const defaults: Readonly<Record<string, unknown>> = { ...core.parseStepSettings(undefined) }
  for (const [i, [, meaning]] of publishedOptions.entries()) {
    const told = /\(default: (.*)\)$/.exec(meaning)?.[1]
    const value = defaults[names[i] ?? '']
    if (told === undefined) continue
    const words: Readonly<Record<string, string>> = { true: 'True', '': 'all' }
    expect(told).toBe(words[String(value)] ?? String(value))
  }
})

test('the commands are the steps of the library in their order, and all of them', () => {
  expect(stepWords).toEqual([...core.stepNames, 'all'])
})

test('a step takes the published file, tells what it will take and did, and goes on where it stopped', async () => {
  await using folder = await createTestFolder()
  const config = await createData(folder)
  const first = await assay('step', 'crop', '--config', config)
  expect(first.err).toMatch(/^tiles of 2 pictures: about .* kB, free: /)
  expect(first.out).toBe('crop  made  there before  failed\ncan      2             0       0\n')
  expect(first.code).toBe(0)
  expect(await readdir(folder.at('tiles/can/train/good'))).toEqual([
    '000_regular_00.png',
    '001_regular_00.png',
  ])
  const second = await assay('step', 'crop', '--config', config, '--json', '--quiet')
  expect(second.err).toBe('')
  expect(JSON.parse(second.out)).toEqual({
    step: 'crop',
    sees: 'nothing',
    leftOut: null,
    objects: [{ object: 'can', made: 0, kept: 2, failed: 0 }],
  })
})

test('an option wins over the file', async () => {
  await using folder = await createTestFolder()
  const config = await createData(folder)
  await assay('step', 'crop', '--config', config, '--window_size', '32', '--data_path', folder.at('small'))
  expect(await readdir(folder.at('small/can/train/good'))).toHaveLength(2 * 4)
})

test('a damaged picture is a warning, the others are done, and the exit code says so', async () => {
  await using folder = await createTestFolder()
  const config = await createData(folder)
  await folder.write('data/can/train/good/002_regular.png', 'no picture')
  const { code, out, err } = await assay('step', 'crop', '--config', config)
  expect(code).toBe(65)
  expect(out).toContain('can      2             0       1')
  expect(err).toContain('002_regular.png')
})

test('a mistyped key is an error that suggests the right one', async () => {
  await using folder = await createTestFolder()
  const config = await folder.write('robis.yaml', 'crop:\n  windowsize: 512\n')
  const { code, err } = await assay('step', 'merge', '--config', config)
  expect(err).toBe('error: Unknown recipe key "crop.windowsize".\n       Did you mean "window_size"?\n')
  expect(code).toBe(78)
})

test('a step without what the one before makes says which one that is', async () => {
  await using folder = await createTestFolder()
  const { code, err } = await assay('step', 'merge', '--amap_savedir', folder.at('maps'))
  expect(err).toContain('Run "assay step maps" first')
  expect(code).toBe(66)
})

test('all steps follow the three switches of the file', async () => {
  const asked: string[] = []
  const step = (name: core.StepName) =>
    async function* (): core.Step {
      asked.push(name)
      yield await Promise.resolve({ type: 'warning', message: name } as const)
      return { step: name, objects: [], sees: 'nothing', leftOut: null }
    }
  const recording = createFakeCore({
    cropDataset: step('crop'),
    trainOnTiles: step('train'),
    mapTiles: step('maps'),
    mergeMaps: step('merge'),
    binariseMaps: step('binarise'),
    refineMasks: step('refine'),
  })
  const runAll = async (...flags: string[]): Promise<string[]> => {
    asked.length = 0
    const { code, out } = await runCommandLine(['step', 'all', '--json', ...flags], { core: recording })
    expect(code).toBe(0)
    const { steps } = JSON.parse(out) as { steps: readonly { step: string }[] }
    expect(steps.map((s) => s.step)).toEqual(asked)
    return [...asked]
  }
  expect(await runAll('--test_state', 'False')).toEqual(['crop', 'train'])
  expect(await runAll('--train_state', 'False', '--eval_pub', 'False')).toEqual([
    'crop',
    'maps',
    'merge',
    'binarise',
    'refine',
  ])
  // Only the public split has masks to compare with.
  expect(await runAll('--train_state', '--test_type', 'test_private')).toEqual([
    'crop',
    'train',
    'maps',
    'merge',
    'binarise',
    'refine',
  ])
})

test('an interrupted step says that the same command goes on', async () => {
  await using folder = await createTestFolder()
  const config = await createData(folder)
  const host = createTestHost(['step', 'crop', '--config', config], { core: fakeCore })
  host.controller.abort()
  expect(await run(host)).toBe(130)
  expect(host.printed.err).toContain('Run the same command again: it goes on where it stopped.')
})

test('a submission that is not whole is listed and not packed', async () => {
  await using folder = await createTestFolder()
  const { code, out } = await assay(
    'step',
    'evaluate',
    '--amap_savedir',
    folder.at('maps'),
    '--bin_savedir',
    folder.at('masks'),
    '--submission',
    folder.at('entry'),
  )
  expect(out).toContain('not packed: 1 fault\n')
  expect(code).toBe(65)
})
