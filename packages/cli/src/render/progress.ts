/**
 * Progress on stderr: one live line in a terminal, a plain line now and then elsewhere.
 *
 * Rate and time left come from the last while, so that a slow start does not spoil the estimate.
 */
import type { Host } from '../host.ts'
import { countOf, createPaint, formatDuration, printable } from './text.ts'

interface ProgressUpdate {
  /** What is going on, such as "training". */
  readonly label: string
  readonly done: number
  /** 0 where it is not known. */
  readonly total: number
  /** Words after the count, such as the loss. */
  readonly detail?: string
  /** What is counted, for the rate: "step", "image". */
  readonly unit?: string
}

export interface Progress {
  /** Something moved on. A change of label begins a new stage. */
  update(update: ProgressUpdate): void
  /** A line that stays. */
  say(text: string): void
  /** A line that stays and is marked as a warning; shown even with --quiet. */
  warn(text: string): void
  /** Takes the live line away. Call it before anything is printed on stdout, and at the end. */
  clear(): void
}

const liveEveryMs = 100
const plainEveryMs = 10_000
const rateWindowMs = 15_000

export function createProgress(
  host: Pick<Host, 'stderr' | 'env' | 'now'>,
  options: { readonly isQuiet: boolean },
): Progress {
  const { stderr, env, now } = host
  const paint = createPaint(stderr, env)
  const isLive = stderr.isTTY === true && env['TERM'] !== 'dumb'
  let stage: Stage | undefined
  let shownAt = -Infinity
  let isShown = false

  const clear = (): void => {
    if (isShown) stderr.write('\r\u001b[2K')
    isShown = false
  }
  const keep = (line: string): void => {
    clear()
    stderr.write(`${line}\n`)
  }
  return {
    update: (update) => {
      if (options.isQuiet) return
      const at = now()
      if (stage === undefined || stage.label !== update.label || update.done < stage.done) {
        stage = createStage(update, at)
        // In a file, a stage is mentioned when it has taken a while or is done, not when it begins.
        if (!isLive) shownAt = at
      }
      moveStage(stage, update.done, at)
      const isDone = update.total > 0 && update.done >= update.total
      if (isLive) {
        if (!isDone && at - shownAt < liveEveryMs) return
        // Some terminals say 0 columns when they do not know.
        const width = (stderr.columns || 80) - 1
        const line = liveLine(update, stage, at, barCells)
        const fitting = line.length <= width ? line : liveLine(update, stage, at, 0)
        stderr.write(`\r\u001b[2K${fitting.slice(0, Math.max(20, width))}`)
        isShown = true
      } else {
        if (!isDone && at - shownAt < plainEveryMs) return
        if (isDone && stage.isFinished) return
        stderr.write(`${plainLine(update, stage, at)}\n`)
      }
      stage.isFinished = isDone
      shownAt = at
    },
    say: (text) => {
      if (!options.isQuiet) keep(printable(text))
    },
    warn: (text) => keep(`${paint('yellow', 'warning:')} ${printable(text)}`),
    clear,
  }
}

interface Stage {
  readonly label: string
  readonly startedAt: number
  done: number
  isFinished: boolean
  /** Moments and counts within the window of the rate. */
  readonly moments: { at: number; done: number }[]
}

function createStage(update: ProgressUpdate, at: number): Stage {
  return {
    label: update.label,
    startedAt: at,
    done: update.done,
    isFinished: false,
    moments: [{ at, done: update.done }],
  }
}

function moveStage(stage: Stage, done: number, at: number): void {
  stage.done = done
  const last = stage.moments.at(-1)
  if (last !== undefined && last.done === done) return
  stage.moments.push({ at, done })
  while (stage.moments.length > 2 && at - stage.moments[1]!.at > rateWindowMs) stage.moments.shift()
}

/** Counts per second over the window, or null while there is nothing to tell from. */
function rateOf(stage: Stage): number | null {
  const first = stage.moments[0]
  const last = stage.moments.at(-1)
  if (first === undefined || last === undefined || last.at - first.at < 200) return null
  return ((last.done - first.done) / (last.at - first.at)) * 1000
}

function parts(update: ProgressUpdate, stage: Stage, at: number): string[] {
  const words: string[] = []
  if (update.detail !== undefined) words.push(update.detail)
  const rate = rateOf(stage)
  const isDone = update.total > 0 && update.done >= update.total
  if (rate !== null && rate > 0 && update.total !== 1) {
    words.push(
      rate >= 1
        ? `${rate.toFixed(rate < 10 ? 1 : 0)} ${update.unit ?? 'step'}s/s`
        : `${(1 / rate).toFixed(1)} s/${update.unit ?? 'step'}`,
    )
    if (update.total > 0 && !isDone) words.push(`${formatDuration((update.total - update.done) / rate)} left`)
  }
  if (isDone) words.push(formatDuration((at - stage.startedAt) / 1000))
  return words
}

const barCells = 16

/** The line with a bar of so many characters. */
function liveLine(update: ProgressUpdate, stage: Stage, at: number, cells: number): string {
  const share = update.total > 0 ? Math.min(1, update.done / update.total) : 0
  const filled = Math.round(share * cells)
  const bar = update.total > 0 && cells > 0 ? `${'━'.repeat(filled)}${'─'.repeat(cells - filled)}  ` : ''
  return `${update.label.padEnd(12)} ${bar}${countWords(update)}  ${parts(update, stage, at).join('  ')}`.trimEnd()
}

function plainLine(update: ProgressUpdate, stage: Stage, at: number): string {
  return [`${update.label}: ${countWords(update)}`, ...parts(update, stage, at)].join(', ')
}

function countWords({ done, total, unit = 'step' }: ProgressUpdate): string {
  return total > 0 ? `${done}/${total}` : countOf(done, unit)
}
