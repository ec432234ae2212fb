/**
 * A Postgres for tests: a fresh database on the server that ASSAY_TEST_POSTGRES names, or a server of our own on a
 * free port, if its programs are on this machine.
 */
import { execFile, spawn, type SpawnOptions } from 'node:child_process'
import { access, chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

export interface TestPostgres extends AsyncDisposable {
  /** Of an empty database. */
  createDatabase(): Promise<string>
}

/** Null when there is none; the caller skips its tests and says so. */
export async function openTestPostgres(): Promise<TestPostgres | null> {
  const given = process.env['ASSAY_TEST_POSTGRES']
  if (given !== undefined) return overServer(given, async () => {})
  const programs = await findPrograms()
  return programs === null ? null : await startServer(programs)
}

/** Why there is none, for the name of a skipped test. */
export const noPostgres = 'no Postgres here: set ASSAY_TEST_POSTGRES to the address of one'

function overServer(url: string, close: () => Promise<void>): TestPostgres {
  let count = 0
  return {
    createDatabase: async () => {
      const name = `assay_${process.pid}_${Date.now()}_${count++}`
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(`create database ${name}`)
      await client.end()
      const own = new URL(url)
      own.pathname = `/${name}`
      return own.href
    },
    [Symbol.asyncDispose]: close,
  }
}

async function findPrograms(): Promise<string | null> {
  const root = '/usr/lib/postgresql'
  const versions = (await readdir(root).catch(() => [])).sort((a, b) => Number(b) - Number(a))
  for (const version of versions) {
    const folder = join(root, version, 'bin')
    if (
      await access(join(folder, 'initdb')).then(
        () => true,
        () => false,
      )
    )
      return folder
  }
  return null
}

async function startServer(programs: string): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'assay-postgres-'))
  const user = await findUser()
  if (user !== null) await chown(folder, user.uid, user.gid)
  const options: SpawnOptions = { stdio: 'ignore', cwd: folder, ...user }
  const data = join(folder, 'data')
  await promisify(execFile)(
    join(programs, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync', '-E', 'UTF8', '--locale=C'],
    { cwd: folder, ...user },
  )
  const port = await findPort()
  const settings = ['-h', '127.0.0.1', '-p', String(port), '-k', '', '-c', 'fsync=off']
  const server = spawn(join(programs, 'postgres'), ['-D', data, ...settings], options)
  const ended = new Promise((resolve) => server.on('exit', resolve))
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  await waitFor(url)
  return overServer(url, async () => {
    server.kill('SIGINT')
    await ended
    await rm(folder, { recursive: true, force: true })
  })
}

/** Postgres does not run as root. */
async function findUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null
  const idOf = async (flag: string, name: string): Promise<number> =>
    Number((await promisify(execFile)('id', [flag, name])).stdout)
  for (const name of ['postgres', 'nobody']) {
    const uid = await idOf('-u', name).catch(() => null)
    if (uid !== null) return { uid, gid: await idOf('-g', name) }
  }
  return null
}

function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

async function waitFor(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return
    } catch (error) {
      if (tries > 300) throw error
      await sleep(200)
    } finally {
      await client.end().catch(() => {})
    }
  }
}
