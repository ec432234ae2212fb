#!/usr/bin/env node
/**
 * Starts the command on a Node that runs TypeScript.
 *
 * This file is plain JavaScript for older Nodes. There it starts itself again with the Node of the
 * package `node`, and hands over its terminal, signals and exit code.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as modules from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const neededMajor = 24

if (Number(process.version.slice(1).split('.')[0]) >= neededMajor) {
  dieWithLauncher()
  modules.enableCompileCache()
  const { main } = await import('../src/main.ts')
  await main()
} else {
  startAgain()
}

function startAgain() {
  const node = findNode()
  if (node === null) {
    process.stderr.write(
      `error: Assay needs Node ${neededMajor} or newer; this is ${process.version}, and the package "node" that brings one is not installed.\n` +
        `       Run "npm ci" in the folder of Assay, or use a newer Node.\n`,
    )
    process.exitCode = 69
    return
  }
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    // The channel tells the child when this process is gone, even by kill -9.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ASSAY_LAUNCHED: '1' },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`error: Cannot start ${node}: ${error.message}.\n`)
    process.exitCode = 69
  })
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + (constants.signals[signal] ?? 0))
  })
}

/** The binary of the package `node`, or null. */
function findNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  try {
    const found = join(
      dirname(modules.createRequire(import.meta.url).resolve('node/package.json')),
      'bin',
      name,
    )
    return existsSync(found) ? found : null
  } catch {
    return null
  }
}

/** A launcher that is killed takes its child with it: two trainings must not write the same files. */
function dieWithLauncher() {
  if (process.env.ASSAY_LAUNCHED !== '1' || process.channel === undefined) return
  delete process.env.ASSAY_LAUNCHED
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel.unref()
}
