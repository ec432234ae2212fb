import { createTestFolder } from '@assay/core/testing/folder'
import { access, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import { expect, test } from 'vitest'
import { openWorkFolders, sweepWorkFolders } from './work-folder.ts'

test('a new attempt takes over what the last one has done, and a process of that one writes into nothing', async () => {
  await using root = await createTestFolder()
  const job = uuidv7()
  const first = await openWorkFolders(root.path, { job, attempt: 1 })
  await writeFile(join(first.work, 'checkpoint'), 'half')
  // The second ran on another machine.
  const third = await openWorkFolders(root.path, { job, attempt: 3 })
  expect(await readFile(join(third.work, 'checkpoint'), 'utf8')).toBe('half')
  expect(third.folder).toBe(first.folder)
  await expect(writeFile(join(first.work, 'checkpoint'), 'late')).rejects.toMatchObject({ code: 'ENOENT' })
})

test('only folders of jobs that can be gone on with are kept, and nothing else is touched', async () => {
  await using root = await createTestFolder()
  const [kept, gone] = [uuidv7(), uuidv7()]
  for (const name of [kept, gone, 'scratch']) await root.write(`${name}/1/file`, 'x')
  const asked: string[] = []
  await sweepWorkFolders(root.path, {
    mayGoOn: async (ids) => {
      asked.push(...ids)
      return new Set([kept])
    },
  })
  expect(asked.sort()).toEqual([kept, gone].sort())
  await access(root.at(kept, '1/file'))
  await access(root.at('scratch/1/file'))
  await expect(access(root.at(gone))).rejects.toMatchObject({ code: 'ENOENT' })
})
