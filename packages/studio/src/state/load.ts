/** What a screen has asked the server for: asked again when its inputs change and when the studio is back. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { revival } from '../client/connection.ts'
import { toFault, type Fault } from '../client/fault.ts'

export interface Loaded<T> {
  /** The last answer; stays while a new one is fetched for the same key. */
  readonly data: T | undefined
  readonly fault: Fault | null
  readonly isLoading: boolean
  readonly reload: () => void
  /** Puts a value in place without asking. */
  readonly set: (data: T) => void
}

/** `key` names what is asked for: another key forgets the old answer. Null asks nothing. */
export function useLoad<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; data?: T; fault: Fault | null; busy: boolean }>({
    key,
    fault: null,
    busy: key !== null,
  })
  const [turn, setTurn] = useState(0)
  const latest = useRef(ask)
  latest.current = ask
  const back = revival.value
  useEffect(() => {
    if (key === null) return undefined
    const stop = new AbortController()
    setState((old) =>
      old.key === key && 'data' in old ? { ...old, busy: true } : { key, fault: null, busy: true },
    )
    latest.current(stop.signal).then(
      (data) => stop.signal.aborted || setState({ key, data, fault: null, busy: false }),
      (error: unknown) =>
        stop.signal.aborted ||
        setState((old) => ({ ...(old.key === key ? old : { key }), fault: toFault(error), busy: false })),
    )
    return () => stop.abort()
  }, [key, turn, back])
  const reload = useCallback(() => setTurn((n) => n + 1), [])
  const set = useCallback((data: T) => setState({ key, data, fault: null, busy: false }), [key])
  const isMine = state.key === key
  return {
    data: isMine ? state.data : undefined,
    fault: isMine ? state.fault : null,
    isLoading: key !== null && (!isMine || state.busy),
    reload,
    set,
  }
}
