/**
 * How the studio runs: folders, limits and targets. Values come from the command line and the environment and are
 * complete here; `createConfig` fills in what was not given.
 */
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'

export interface Limits {
  /** Bytes of one picture. */
  readonly pictureBytes: number
  readonly modelBytes: number
  readonly pixels: number
  /** Files in one request. */
  readonly files: number
  /** Bytes of one request with files. */
  readonly requestBytes: number
  /** Requests with files that run at once; more are refused with 429. */
  readonly uploads: number
  /** Inspections that may wait per product; more are refused with 429. */
  readonly waiting: number
  /** Tries to sign in from one address within a minute. */
  readonly signIns: number
  /** A client that sends fewer bytes in a second, over `patienceMs`, is cut off. */
  readonly bytesPerSecond: number
  readonly patienceMs: number
}

export interface WebhookTarget {
  readonly name: string
  readonly kind: 'webhook'
  readonly url: string
  /** Signs each message: HMAC-SHA256. */
  readonly secret: string
}

export interface MqttTarget {
  readonly name: string
  readonly kind: 'mqtt'
  readonly url: string
  readonly topic: string
}

export type Target = WebhookTarget | MqttTarget

export interface Config {
  /** Of the database, the blobs and what can be made again. */
  readonly folder: string
  readonly cache: string
  /** Of unfinished uploads and work; emptied at the start. */
  readonly scratch: string
  /** Work of trainings that a retry goes on with. */
  readonly work: string
  /** Of a Postgres; null for the embedded database in the folder. */
  readonly databaseUrl: string | null
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Whether a proxy in front says who the client is and that it came by https. */
  readonly trustProxy: boolean
  /** Folders below which others may be watched. */
  readonly watchRoots: readonly string[]
  readonly targets: readonly Target[]
  /** Jobs that run side by side in this process; 0 leaves them to `assay worker`. */
  readonly parallel: number
  /** Threads of one job or judge. */
  readonly threads: number
  /** Processes that judge, and models that each keeps open. */
  readonly judges: number
  readonly openModels: number
  readonly limits: Limits
  readonly version: string
}

const defaultLimits: Limits = {
  pictureBytes: 256 * 2 ** 20,
  modelBytes: 2 * 2 ** 30,
  pixels: 250_000_000,
  files: 1000,
  requestBytes: 4 * 2 ** 30,
  uploads: 64,
  waiting: 64,
  signIns: 20,
  bytesPerSecond: 1024,
  patienceMs: 20_000,
}

export type ConfigOptions = Partial<Omit<Config, 'limits' | 'cache' | 'scratch' | 'work'>> & {
  readonly folder: string
  readonly limits?: Partial<Limits>
}

export function createConfig(options: ConfigOptions): Config {
  const folder = resolve(options.folder)
  const cores = availableParallelism()
  return {
    databaseUrl: null,
    host: '127.0.0.1',
    port: 4600,
    trustProxy: false,
    watchRoots: [],
    targets: [],
    parallel: 1,
    threads: Math.max(1, cores - 1),
    judges: 1,
    openModels: 4,
    version: '0.1.0',
    ...options,
    folder,
    cache: join(folder, 'cache'),
    scratch: join(folder, 'scratch'),
    work: join(folder, 'work'),
    limits: { ...defaultLimits, ...options.limits },
  }
}
