/** A Postgres by its address: a pool for statements, and one connection that listens. */
import { AssayError, reasonOf } from '@assay/contract'
import { PostgresDialect } from 'kysely'
import pg from 'pg'
import { channel, createBus, type BusSource } from './bus.ts'
import type { Engine } from './open.ts'

const int8 = 20
const reconnectMs = 1000

/** As long as the listening connection lives, it holds the advisory lock named `run`. */
export async function openPostgres(url: string, run: string): Promise<Engine> {
  const settings = {
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    types: {
      // The one place where numbers of 64 bits are read; the tables hold counts and sizes in them.
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  }
  const pool = new pg.Pool({ ...settings, max: 10, keepAlive: true })
  // An idle connection that the server closed is replaced at the next use.
  pool.on('error', () => {})
  const bus = createBus()
  try {
    const listener = await listen(() => new pg.Client({ ...settings, keepAlive: true }), bus, run)
    let isClosed = false
    return {
      dialect: new PostgresDialect({ pool }),
      bus,
      executeSql: (text, values) => pool.query(text, values),
      close: async () => {
        if (isClosed) return
        isClosed = true
        await listener.close()
        if (!pool.ended) await pool.end()
      },
    }
  } catch (error) {
    await pool.end()
    throw new AssayError(
      'DATABASE_UNREACHABLE',
      { address: withoutSecret(url), reason: reasonOf(error) },
      { cause: error },
    )
  }
}

/** Listens until closed, and begins again when the connection breaks. */
async function listen(
  createClient: () => pg.Client,
  bus: BusSource,
  run: string,
): Promise<{ close(): Promise<void> }> {
  let isClosed = false
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | undefined
  const connect = async (): Promise<void> => {
    const next = createClient()
    next.on('notification', ({ payload }) => {
      if (payload !== undefined) bus.hear(payload)
    })
    next.on('error', () => {})
    next.on('end', () => {
      if (!isClosed) again()
    })
    await next.connect()
    await next.query(`listen ${channel}`)
    // A machine that is gone without a word is noticed within a minute, and its lock is free then.
    await next.query(
      'set tcp_keepalives_idle = 30; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3',
    )
    await next.query('select pg_advisory_lock_shared(hashtextextended($1, 0))', [run])
    client = next
  }
  const again = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      connect().then(bus.gap, again)
    }, reconnectMs)
  }
  await connect()
  return {
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}

/** The address as it may be shown. */
function withoutSecret(url: string): string {
  if (!URL.canParse(url)) return 'the address in DATABASE_URL'
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
