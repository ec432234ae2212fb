import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import * as core from '@assay/core'
import { createTestFolder, type TestFolder } from '@assay/core/testing/folder'
import { expect, test } from 'vitest'
import type { Core } from '../core.ts'
import { createFakeCore } from '../testing/fake-core.ts'
import { runCommandLine } from '../testing/host.ts'

const file = core.writeSafetensors(
  new Map([['w', { dtype: 'float32', shape: [3], data: Float32Array.of(1, 2, 3) }]]),
)
const other = core.writeSafetensors(
  new Map([['w', { dtype: 'float32', shape: [3], data: Float32Array.of(4, 5, 6) }]]),
)
const entry: core.PublishedWeights = {
  id: 'net-a',
  url: 'http://weights.invalid/net-a.pth',
  bytes: file.length,
  sha256: createHash('sha256').update(file).digest('hex'),
  licence: 'BSD-3-Clause',
  origin: 'somebody, Net A',
  note: 'Mind the data.',
}

/** The real library with a catalogue of one made-up entry. */
function createCore(replaced: Partial<Core> = {}): Core {
  const catalogue = [entry]
  return createFakeCore({
    listWeights: (options) => core.listWeights({ ...options, catalogue }),
    fetchWeights: (id, options) => core.fetchWeights(id, { ...options, catalogue }),
    addWeights: (id, path, options) => core.addWeights(id, path, { ...options, catalogue }),
    findWeightsCheck: () => () => undefined,
    verifyWeights: (id, options) => core.verifyWeights(id, { ...options, catalogue }),
    ...replaced,
  })
}

const runIn = (folder: TestFolder, argv: readonly string[], replaced: Partial<Core> = {}) =>
  runCommandLine(['weights', ...argv], {
    core: createCore(replaced),
    env: { ASSAY_CACHE: folder.at('cache') },
  })

test('the list says licence, size and origin of everything, and where the cache is', async () => {
  await using folder = await createTestFolder()
  const { code, out } = await runIn(folder, ['list'], { listWeights: core.listWeights })
  expect(code).toBe(0)
  for (const { id, licence, origin } of core.publishedWeights)
    expect(out).toMatch(new RegExp(`^${id} +${licence} .*B +– +${origin.replace(/[()]/g, '\\$&')}$`, 'm'))
  expect(out).toContain(`cache: ${folder.at('cache')}`)
})

test('a file is added, listed and verified; damage is found and gives an exit code', async () => {
  await using folder = await createTestFolder()
  const added = await runIn(folder, ['add', 'net-a', await folder.write('a.bin', file)])
  expect(added.code).toBe(0)
  expect(added.out).toMatch(
    /^net-a: the published file, its sha256 compared\nlicence: BSD-3-Clause\norigin: /,
  )
  expect((await runIn(folder, ['list'])).out).toMatch(/^net-a .* cached +somebody, Net A$/m)
  expect(await runIn(folder, ['verify'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^net-a: intact/),
  })
  const { path } = JSON.parse((await runIn(folder, ['add', 'net-a', folder.at('a.bin'), '--json'])).out) as {
    path: string
  }
  await writeFile(path, other)
  const verified = await runIn(folder, ['verify', 'net-a'])
  expect(verified).toMatchObject({
    code: 65,
    out: expect.stringContaining('Run "assay weights fetch net-a"'),
  })
})

test('a file that is not the published one is said to be so wherever it shows', async () => {
  await using folder = await createTestFolder()
  const added = await runIn(folder, ['add', 'net-a', await folder.write('b.bin', other)])
  expect(added.out).toContain('not the published file')
  expect((await runIn(folder, ['list'])).out).toContain('net-a is not the published file, but b.bin.')
  expect((await runIn(folder, ['verify'])).out).toContain('not the published file')
  const { out } = await runIn(folder, ['list', '--json'])
  expect(JSON.parse(out)).toMatchObject({ weights: [{ id: 'net-a', cached: { isPublished: false } }] })
})

test('licence, note, origin and address are printed before a fetch, with --quiet too', async () => {
  await using folder = await createTestFolder()
  for (const more of [[], ['--quiet']]) {
    const { code, err } = await runIn(folder, ['fetch', 'net-a', ...more])
    expect(code).toBe(69)
    expect(err).toMatch(
      /^net-a: somebody, Net A\nlicence: BSD-3-Clause\. Mind the data\.\nfrom: http:\/\/weights\.invalid\/net-a\.pth \(\d+ bytes\)\n/,
    )
    expect(err).toContain('error: Cannot download the weights "net-a": ')
    expect(err).toContain('assay weights add net-a <file>')
  }
})

test('what is in the cache already needs no network', async () => {
  await using folder = await createTestFolder()
  await runIn(folder, ['add', 'net-a', await folder.write('a.bin', file)])
  const { code, out, err } = await runIn(folder, ['fetch', 'net-a', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ id: 'net-a', isPublished: true, licence: 'BSD-3-Clause' })
  expect(err).toContain('in the cache already')
  expect(await readFile((JSON.parse(out) as { path: string }).path)).toEqual(Buffer.from(file))
})

test('nothing cached is nothing to verify; one that is asked for is missing', async () => {
  await using folder = await createTestFolder()
  expect(await runIn(folder, ['verify'])).toMatchObject({ code: 0, out: 'Nothing is cached.\n' })
  const { code, err } = await runIn(folder, ['verify', 'net-a'])
  expect(code).toBe(66)
  expect(err).toContain('Run "assay weights fetch net-a"')
})

test('a mistyped id is answered with the right one, and a file that is no weights with its path', async () => {
  await using folder = await createTestFolder()
  const { code, err } = await runIn(folder, ['fetch', 'net-b'])
  expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('Did you mean "net-a"?') })
  const path = await folder.write('c.bin', 'hello')
  const added = await runIn(folder, ['add', 'net-a', path])
  expect({ ...added }).toMatchObject({
    code: 65,
    err: expect.stringContaining(`Cannot read the weights ${path}`),
  })
})

test('a stopped fetch says how to go on', async () => {
  await using folder = await createTestFolder()
  const { code, err } = await runIn(folder, ['fetch', 'net-a'], {
    // eslint-disable-next-line require-yield
    fetchWeights: async function* () {
      throw new DOMException('stopped', 'AbortError')
    },
  })
  expect(code).toBe(130)
  expect(err).toContain('goes on where it stopped')
})
