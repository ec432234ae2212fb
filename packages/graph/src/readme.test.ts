import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

test('the example in the README prints what the README says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const [, code, said] = /```ts\n([^]*?)```[^]*?```\n([^]*?)```/.exec(readme)!
  const printed = execFileSync(process.execPath, ['--input-type=module-typescript', '--eval', code!], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' },
  })
  expect(printed).toBe(said)
})
