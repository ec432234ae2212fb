import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorTable } from '../../packages/contract/src/index.ts'
import { expect, test } from 'vitest'
import { referencePages } from './pages.ts'

const root = join(import.meta.dirname, '../..')

test.each(Object.entries(referencePages))(
  '%s is up to date; if not, run: npx node tools/docs/generate.ts',
  async (path, render) => {
    expect(await readFile(join(root, path), 'utf8')).toBe(render())
  },
)

test('every error code is on the page, and no placeholder went wrong', () => {
  const page = referencePages['docs/reference/errors.md']!()
  for (const code of Object.keys(errorTable)) expect(page).toContain(`| \`${code}\` |`)
  expect(page).not.toMatch(/undefined|\[object|NaN/)
})
