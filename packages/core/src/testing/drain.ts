/** Runs a generator of events to its end. */

export interface Drained<E, R> {
  readonly events: readonly E[]
  readonly result: R
}

/** Collects what was yielded and what was returned; `watch` sees every event as it comes. */
export async function drain<E, R>(
  run: AsyncGenerator<E, R>,
  watch: (event: E) => void = () => undefined,
): Promise<Drained<E, R>> {
  const events: E[] = []
  for (;;) {
    const next = await run.next()
    if (next.done === true) return { events, result: next.value }
    events.push(next.value)
    watch(next.value)
  }
}
