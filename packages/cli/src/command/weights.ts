/** `assay weights list | fetch | add | verify`: published weights, in the cache of this machine. */
import type { WeightsRecord } from '@assay/core'
import type { Core } from '../core.ts'
import { readSwitch } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { createProgress, type Progress } from '../render/progress.ts'
import { createPaint } from '../render/text.ts'
import { listInWords, originInWords, recordInWords, verifiedInWords } from '../render/weights.ts'

export async function runWeightsList(flags: Flags, host: Host): Promise<number> {
  const { core, cache } = await open(host)
  const listed = await core.listWeights({ cache })
  if (readSwitch(flags, 'json'))
    printJson(host, { cache, weights: listed.map(({ weights, record }) => ({ ...weights, cached: record })) })
  else print(host, listInWords(listed, cache, createPaint(host.stdout, host.env)))
  return exitCodes.done
}

export async function runWeightsFetch(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [id = ''] = args
  const { core, cache } = await open(host)
  return withProgress(host, flags, 'The download', async (progress) => {
    const fetching = core.fetchWeights(id, { cache, env: host.env, signal: host.signal })
    for (;;) {
      const { done, value } = await fetching.next()
      if (done === true) {
        const { record, wasCached } = value
        progress.clear()
        if (wasCached) progress.say('It was in the cache already, and its sum is right.')
        report(host, flags, record)
        return exitCodes.done
      }
      switch (value.type) {
        case 'origin':
          // Whoever fetches weights takes on their licence, with --quiet too.
          host.stderr.write(`${originInWords(value.weights).join('\n')}\n`)
          break
        case 'progress':
          progress.update({ label: 'downloading', ...inMegabytes(value) })
          break
        case 'checking':
          progress.update({ label: 'checking', ...inMegabytes(value) })
          break
        case 'retry':
          progress.say(
            `${value.reason}; trying again${value.waitMs === 0 ? '' : ` in ${value.waitMs / 1000} s`}`,
          )
          break
        default:
          value satisfies never
      }
    }
  })
}

export async function runWeightsAdd(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [id = '', file = ''] = args
  const { core, cache } = await open(host)
  return withProgress(host, flags, 'Adding', async (progress) => {
    const adding = core.addWeights(id, file, { cache, check: core.findWeightsCheck(id), signal: host.signal })
    for (;;) {
      const { done, value } = await adding.next()
      if (done !== true) progress.update({ label: 'checking', ...inMegabytes(value) })
      else {
        progress.clear()
        report(host, flags, value)
        return exitCodes.done
      }
    }
  })
}

export async function runWeightsVerify(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const { core, cache } = await open(host)
  return withProgress(host, flags, 'The check', async (progress) => {
    const verifying = core.verifyWeights(args[0], { cache, signal: host.signal })
    for (;;) {
      const { done, value } = await verifying.next()
      if (done !== true) {
        if (value.type === 'checking') progress.update({ label: value.id, ...inMegabytes(value) })
        continue
      }
      progress.clear()
      if (readSwitch(flags, 'json')) printJson(host, { cache, weights: value })
      else print(host, verifiedInWords(value, createPaint(host.stdout, host.env)))
      return value.every(({ isIntact }) => isIntact) ? exitCodes.done : exitCodes.someFailed
    }
  })
}

async function open(host: Host): Promise<{ readonly core: Core; readonly cache: string }> {
  const core = await host.loadCore()
  return { core, cache: core.cacheFolder({ env: host.env }) }
}

async function withProgress(
  host: Host,
  flags: Flags,
  what: string,
  run: (progress: Progress) => Promise<number>,
): Promise<number> {
  const progress = createProgress(host, { isQuiet: readSwitch(flags, 'quiet') })
  try {
    return await run(progress)
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption(what, 'Run the same command again; a download goes on where it stopped.', {
      cause: error,
    })
  } finally {
    progress.clear()
  }
}

/** What is in the cache now. */
function report(host: Host, flags: Flags, record: WeightsRecord): void {
  if (readSwitch(flags, 'json')) printJson(host, record)
  else print(host, recordInWords(record))
}

function print(host: Host, lines: readonly string[]): void {
  host.stdout.write(`${lines.join('\n')}\n`)
}

function inMegabytes({ done, total }: { readonly done: number; readonly total: number }): {
  readonly done: number
  readonly total: number
  readonly unit: string
} {
  const whole = Math.max(1, Math.round(total / 1e6))
  return { done: done >= total ? whole : Math.floor(done / 1e6), total: whole, unit: 'megabyte' }
}
