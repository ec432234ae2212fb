/** `assay studio`: the service with its page, until it is stopped. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { AssayError, reasonOf } from '@assay/contract'
import type { ConfigOptions, Log, Studio } from '@assay/server'
import { readSwitch, readText, readTexts, readWhole } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { createPaint } from '../render/text.ts'

type Server = typeof import('@assay/server')

export async function runStudio(flags: Flags, host: Host): Promise<number> {
  const server = await import('@assay/server')
  const targets = await readTargets(server, flags)
  const hostName = readText(flags, 'host')
  const port = readWhole(flags, 'port', 0, 65535)
  const config = server.createConfig({
    ...readStoreFlags(flags, host),
    ...(hostName === undefined ? {} : { host: hostName }),
    ...(port === undefined ? {} : { port }),
    watchRoots: readTexts(flags, 'watch-root') ?? [],
    targets,
    trustProxy: host.env['ASSAY_TRUST_PROXY'] === '1',
  })
  const log = logTo(server, flags, host)
  await using studio = await server.startStudio({ config, log, env: host.env, signal: host.signal })
  if (readSwitch(flags, 'json')) {
    const { address, link, token } = studio
    printJson(host, { address, link, token })
  } else host.stdout.write(`${studioInWords(studio, host).join('\n')}\n`)
  if (!host.signal.aborted) await once(host.signal, 'abort')
  return exitCodes.done
}

function studioInWords({ address, link, hasPage }: Studio, host: Host): string[] {
  const paint = createPaint(host.stdout, host.env)
  const page = hasPage ? [] : ['There is no page in this installation; the API is there.']
  return [
    `Assay Studio runs at ${paint('bold', address)}`,
    `Sign in: ${link}`,
    'Whoever has this link is an admin for 7 days. Stop with Ctrl-C.',
    ...page,
  ]
}

async function readTargets(server: Server, flags: Flags): Promise<ReturnType<Server['parseTargets']>> {
  const path = readText(flags, 'targets')
  if (path === undefined) return []
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw new AssayError(
      'OPTION_INVALID',
      { option: '--targets', value: path, reason: reasonOf(error) },
      { cause: error },
    )
  }
  return server.parseTargets(value, path)
}

/** What the studio and its workers have in common. */
export function readStoreFlags(flags: Flags, host: Host): ConfigOptions {
  const parallel = readWhole(flags, 'jobs', 0, 64)
  const threads = readWhole(flags, 'threads', 1, 1024)
  const pixels = readWhole(flags, 'max-pixels', 1, 4_000_000_000)
  return {
    ...readPlace(flags, host),
    ...(parallel === undefined ? {} : { parallel }),
    ...(threads === undefined ? {} : { threads }),
    ...(pixels === undefined ? {} : { limits: { pixels } }),
  }
}

/** Folder and database. */
export function readPlace(
  flags: Flags,
  host: Host,
): { readonly folder: string; readonly databaseUrl: string | null } {
  const url = host.env['DATABASE_URL']
  return {
    folder: readText(flags, 'data') ?? 'assay-studio',
    databaseUrl: url === undefined || url === '' ? null : url,
  }
}

/** The log goes to stderr, one JSON object a line. */
export function logTo(server: Server, flags: Flags, host: Host): Log {
  const isQuiet = readSwitch(flags, 'quiet')
  return server.createLog({
    write: (line) => {
      if (!isQuiet) host.stderr.write(line)
    },
  })
}
