/** `assay worker`: takes jobs of a studio with a Postgres, until it is stopped. */
import { once } from 'node:events'
import { AssayError } from '@assay/contract'
import { exitCodes, type Host } from '../host.ts'
import type { Flags } from '../program.ts'
import { logTo, readStoreFlags } from './studio.ts'

export async function runWorker(flags: Flags, host: Host): Promise<number> {
  const server = await import('@assay/server')
  const config = server.createConfig(readStoreFlags(flags, host))
  const { databaseUrl } = config
  if (databaseUrl === null)
    throw new AssayError('USAGE', {
      reason: 'DATABASE_URL is not set, and the embedded database of a studio cannot be shared',
    })
  const log = logTo(server, flags, host)
  await using _ = await server.startRemoteWorker({ config: { ...config, databaseUrl }, log, env: host.env })
  if (!host.signal.aborted) await once(host.signal, 'abort')
  return exitCodes.done
}
