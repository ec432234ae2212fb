/** `assay check`: does a model judge on these devices as it does on the CPU? */
import type { CheckOptions, CheckResult } from '@assay/core'
import type { Core } from '../core.ts'
import { readSwitch } from '../flags.ts'
import { exitCodes, type Host } from '../host.ts'
import { printJson } from '../output/json.ts'
import type { Flags } from '../program.ts'
import { Interruption, isAbort } from '../render/error.ts'
import { summariseCheck } from '../render/parity.ts'
import { createProgress } from '../render/progress.ts'
import { readDevices, readRunFlags } from '../run-options.ts'

export async function runCheck(args: readonly string[], flags: Flags, host: Host): Promise<number> {
  const [model = '', ...images] = args
  const devices = readDevices(flags, 'device')
  const { threads, maxPixels, signal } = readRunFlags({ ...flags, device: undefined }, host)
  const core = await host.loadCore()
  const options = { model, images, devices, threads, maxPixels, signal }
  const result = await check(core, options, host, readSwitch(flags, 'quiet'))
  if (readSwitch(flags, 'json')) printJson(host, result)
  else host.stdout.write(`${summariseCheck(result).join('\n')}\n`)
  return result.providers.every((p) => p.holds) ? exitCodes.done : exitCodes.parityFailed
}

async function check(core: Core, options: CheckOptions, host: Host, isQuiet: boolean): Promise<CheckResult> {
  const progress = createProgress(host, { isQuiet })
  try {
    const checking = core.checkModel(options)
    for (;;) {
      const { done, value } = await checking.next()
      if (done === true) return value
      progress.update({ label: 'comparing', done: value.done, total: value.total, unit: 'image' })
    }
  } catch (error) {
    if (!isAbort(error)) throw error
    throw new Interruption('The comparison', 'Run the same command again.', { cause: error })
  } finally {
    progress.clear()
  }
}
