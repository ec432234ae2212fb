import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createTestFolder } from '@assay/core/testing/folder'

const launcher = fileURLToPath(new URL('../bin/assay.js', import.meta.url))
/** Makes the launcher believe that it runs on Node 20; the process it starts sees the truth. */
const asNode20 = [
  '--import',
  'data:text/javascript,Object.defineProperty(process,"version",{value:"v20.11.1"})',
]

async function start(file: string, nodeFlags: readonly string[], words: readonly string[]) {
  const child = spawn(process.execPath, [...nodeFlags, file, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, out, err }
}

test.each([
  ['a Node that runs TypeScript', []],
  ['an older Node', asNode20],
])('the command starts on %s, with its exit code and without any warning', async (_, flags) => {
  const help = await start(launcher, flags, ['--help'])
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).toMatch(/^Usage: assay/)
  const fault = await start(launcher, flags, ['inpsect', '--json'])
  expect(fault.code).toBe(64)
  expect(JSON.parse(fault.out)).toMatchObject({ error: { code: 'COMMAND_UNKNOWN' } })
  expect(fault.err).toBe('error: Unknown command "inpsect".\n       Did you mean "inspect"?\n')
})

test('an older Node alone is told what to do', async () => {
  await using folder = await createTestFolder()
  await mkdir(folder.at('bin'))
  await copyFile(launcher, folder.at('bin/assay.js'))
  await writeFile(folder.at('package.json'), '{"type":"module"}')
  const { code, out, err } = await start(folder.at('bin/assay.js'), asNode20, ['--help'])
  expect({ code, out }).toEqual({ code: 69, out: '' })
  expect(err).toContain('Assay needs Node 24 or newer; this is v20.11.1')
  expect(err).not.toMatch(/\n\s+at /)
})

/** A copy of the launcher whose command waits for a signal, or says that its launcher is gone. */
async function writeWaiting(folder: { at(...parts: string[]): string }): Promise<string> {
  await mkdir(folder.at('cli/bin'), { recursive: true })
  await mkdir(folder.at('cli/src'))
  await mkdir(folder.at('node_modules/node/bin'), { recursive: true })
  await writeFile(folder.at('package.json'), '{"type":"module"}')
  await writeFile(folder.at('node_modules/node/package.json'), '{"name":"node","version":"24.0.0"}')
  await writeFile(folder.at('node_modules/node/bin/node'), `#!/bin/sh\nexec ${process.execPath} "$@"\n`, {
    mode: 0o755,
  })
  await copyFile(launcher, folder.at('cli/bin/assay.js'))
  await writeFile(
    folder.at('cli/src/main.ts'),
    `export async function main(): Promise<void> {
  let signals = 0
  process.on('SIGINT', () => signals++)
  process.stdout.write(\`\${process.pid}\\n\`)
  for (let i = 0; i < 600 && signals === 0; i++) await new Promise((done) => setTimeout(done, 50))
  process.exitCode = 100 + signals
}
`,
  )
  return folder.at('cli/bin/assay.js')
}

test('a signal to the launcher reaches the command, and the exit code comes back', async () => {
  await using folder = await createTestFolder()
  const child = spawn(process.execPath, [...asNode20, await writeWaiting(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  expect(await once(child, 'exit')).toEqual([101, null])
})

test('killing the launcher kills the command, so that two trainings never write the same files', async () => {
  await using folder = await createTestFolder()
  const child = spawn(process.execPath, [...asNode20, await writeWaiting(folder)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const command = Number(String(line))
  expect(command).not.toBe(child.pid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await expect.poll(() => isRunning(command), { timeout: 10_000 }).toBe(false)
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a reader that goes away early is no reason to complain', async () => {
  const child = spawn(process.execPath, [launcher, 'train', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
  expect({ err, code }).toEqual({ err: '', code: 0 })
})

test('the launcher itself is JavaScript that Node 20 can read', async () => {
  const source = await readFile(launcher, 'utf8')
  // Named imports fail on a Node whose module lacks the name; these appeared after Node 20.
  expect(source).not.toMatch(/import \{[^}]*(enableCompileCache|stripTypeScriptTypes|registerHooks)/)
})
