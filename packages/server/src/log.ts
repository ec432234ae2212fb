/** The log of the server: one JSON object a line, and never a token, a cookie or the content of a picture. */

type LogLevel = 'info' | 'warning' | 'error'

export interface Log {
  info(text: string, facts?: LogFacts): void
  warning(text: string, facts?: LogFacts): void
  error(text: string, facts?: LogFacts): void
}

type LogFacts = Readonly<Record<string, unknown>>

export interface LogOptions {
  readonly write: (line: string) => void
  readonly now?: () => Date
}

/** Errors among the facts are written with their stack and their cause. */
export function createLog({ write, now = () => new Date() }: LogOptions): Log {
  const say =
    (level: LogLevel) =>
    (text: string, facts: LogFacts = {}): void => {
      const shown = Object.entries(facts).map(([key, value]) => [key, describe(value)] as const)
      write(`${JSON.stringify({ at: now().toISOString(), level, text, ...Object.fromEntries(shown) })}\n`)
    }
  return { info: say('info'), warning: say('warning'), error: say('error') }
}

export const silentLog: Log = { info: () => {}, warning: () => {}, error: () => {} }

function describe(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const cause = value.cause === undefined ? '' : `\ncaused by ${String(describe(value.cause))}`
  return `${value.stack ?? value.message}${cause}`
}
