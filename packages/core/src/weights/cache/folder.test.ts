import os from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'

import { cacheFolder, folderOf } from './folder.ts'

const home = path.resolve('/home/somebody')

test.each([
  [{ ASSAY_CACHE: 'here', XDG_CACHE_HOME: '/xdg' }, 'linux', 'here'],
  [{ ASSAY_CACHE: '', XDG_CACHE_HOME: path.resolve('/xdg') }, 'linux', path.resolve('/xdg/assay')],
  [{ XDG_CACHE_HOME: 'not/absolute' }, 'linux', path.join(home, '.cache/assay')],
  [{}, 'linux', path.join(home, '.cache/assay')],
  [{}, 'darwin', path.join(home, 'Library/Caches/assay')],
  [{ LOCALAPPDATA: path.resolve('/local') }, 'win32', path.resolve('/local/assay/cache')],
  [{}, 'win32', path.join(home, 'AppData/Local/assay/cache')],
])('with %j on %s the cache is %s', (env, platform, folder) => {
  expect(cacheFolder({ env, platform, home })).toBe(folder)
})

test('an id from a catalogue cannot lead out of the cache', () => {
  expect(folderOf('/cache', 'sam-vit-b')).toBe(path.join('/cache', 'weights', 'sam-vit-b'))
  for (const id of ['..', '../x', 'a/b', '', '.', 'a\\b', 'A'])
    expect(() => folderOf(os.tmpdir(), id)).toThrow('cannot name weights')
})
