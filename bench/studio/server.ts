/** A studio in a process of its own, as `assay studio` starts it, and its API. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export interface BenchStudio extends AsyncDisposable {
  readonly pid: number
  /** A request with the token; the path is below /api/v1. */
  ask(method: string, path: string, body?: unknown): Promise<Response>
}

export async function startBenchStudio(data: string): Promise<BenchStudio> {
  const command = fileURLToPath(new URL('../../packages/cli/bin/assay.js', import.meta.url))
  const words = [command, 'studio', '--data', data, '--port', '0', '--json']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8')
  for await (const part of child.stdout) {
    said += part as string
    if (said.trimEnd().endsWith('}')) break
  }
  const { address, token } = JSON.parse(said) as { address: string; token: string }
  return {
    pid: child.pid ?? 0,
    ask: (method, route, body) =>
      fetch(`${address}/api/v1${route}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
      }),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

/** One file as the API takes it. */
export function toForm(name: string, bytes: Uint8Array<ArrayBuffer>): FormData {
  const form = new FormData()
  form.append('file', new Blob([bytes]), name)
  return form
}

/** Resident megabytes of a process and of all below it; Linux only, 0 elsewhere. */
export function residentMegabytes(pid: number): { readonly own: number; readonly children: number } {
  if (process.platform !== 'linux') return { own: 0, children: 0 }
  const parents = new Map<number, number>()
  const sizes = new Map<number, number>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(path.join('/proc', name, 'status'), 'utf8')
      parents.set(Number(name), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]))
      sizes.set(Number(name), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024)
    } catch {
      // It has just ended.
    }
  }
  const isBelow = (one: number): boolean => {
    const parent = parents.get(one)
    return parent !== undefined && parent > 1 && (parent === pid || isBelow(parent))
  }
  let children = 0
  for (const [one, size] of sizes) if (isBelow(one)) children += size
  return { own: sizes.get(pid) ?? 0, children }
}
