/** `assay studio backup` and `restore`: everything in one archive, and back. */
import { createWriteStream } from 'node:fs'
import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AssayError, reasonOf } from '@assay/contract'
import type { Config } from '@assay/server'
import { readSwitch } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { readPlace } from './studio.ts'

type Server = typeof import('@assay/server')

export async function runStudioBackup(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [file = ''] = args
  const server = await import('@assay/server')
  const config = server.createConfig(readPlace(flags, host))
  let bytes = 0
  const count = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of source) {
      bytes += chunk.length
      yield chunk
    }
  }
  // A backup that was cut off must not look like one.
  const unfinished = `${file}.part`
  try {
    const target = createWriteStream(unfinished, { flags: 'w', mode: 0o600 })
    await pipeline(backupOf(server, config, host), count, target, { signal: host.signal })
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  if (readSwitch(flags, 'json')) printJson(host, { file, bytes })
  else host.stdout.write(`Wrote ${file}, ${(bytes / 1e6).toFixed(1)} MB.\n`)
  return exitCodes.done
}

/** From the studio that has the folder, or, if none runs, from the folder itself. */
async function* backupOf(server: Server, config: Config, host: Host): AsyncGenerator<Uint8Array, void> {
  const { folder, databaseUrl, scratch } = config
  const running = await readRunning(join(folder, server.runningName))
  const response = running === null ? null : await ask(running, host.signal)
  if (response !== null) {
    yield* Readable.fromWeb(response as never)
    return
  }
  const place = databaseUrl === null ? { folder } : { url: databaseUrl }
  await using database = await server.openDatabase(place)
  yield* server.writeBackup({ database, blobs: server.openBlobs(config, host.env), scratch })
}

interface Running {
  readonly address: string
  readonly backupKey: string
}

async function readRunning(path: string): Promise<Running | null> {
  try {
    // The studio wrote it.
    return JSON.parse(await readFile(path, 'utf8')) as Running
  } catch {
    return null
  }
}

/** Null when nobody answers: the file was left by a studio that was killed. */
async function ask({ address, backupKey }: Running, signal: AbortSignal): Promise<ReadableStream | null> {
  let response: Response
  try {
    const headers = { authorization: `Bearer ${backupKey}` }
    response = await fetch(`${address}/api/v1/backup`, { headers, signal })
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof TypeError) return null
    throw error
  }
  if (response.ok && response.body !== null) return response.body as ReadableStream
  throw new AssayError('RUN_FAILED', {
    what: 'The backup by the running studio',
    reason: `it answered ${response.status} ${reasonOf((await response.text()).slice(0, 200))}`,
  })
}

export async function runStudioRestore(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [file = ''] = args
  const server = await import('@assay/server')
  const config = server.createConfig(readPlace(flags, host))
  const { folder, databaseUrl, scratch } = config
  const place = databaseUrl === null ? { folder } : { url: databaseUrl }
  const blobs = server.openBlobs(config, host.env)
  const restored = await server.restoreBackup({ file, place, blobs, scratch })
  if (readSwitch(flags, 'json')) printJson(host, restored)
  else
    host.stdout.write(
      `Restored ${restored.rows} rows and ${restored.files} files of the backup of ${restored.at}.\n`,
    )
  return exitCodes.done
}
