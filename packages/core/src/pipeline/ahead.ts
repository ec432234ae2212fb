/**
 * Works ahead on the next few items while the current one is used: decoding overlaps with running.
 */

/**
 * Results of `work` in order, with at most `ahead` of them unfinished or unused at a time. When the consumer stops
 * early, what it did not take goes to `discard`.
 */
export async function* mapAhead<A, B>(
  items: Iterable<A>,
  ahead: number,
  work: (item: A) => Promise<B>,
  discard: (result: B) => void | Promise<void> = () => undefined,
): AsyncGenerator<B, void> {
  const pending: Promise<B>[] = []
  const iterator = items[Symbol.iterator]()
  const refill = (): void => {
    while (pending.length < ahead) {
      const next = iterator.next()
      if (next.done === true) return
      const promise = work(next.value)
      // A failure is thrown where the result is used; until then it must not count as unhandled.
      promise.catch(() => undefined)
      pending.push(promise)
    }
  }
  try {
    refill()
    while (pending.length > 0) {
      const result = await pending.shift()
      refill()
      // The queue holds promises only, so an undefined here is a result of `work`.
      yield result as B
    }
  } finally {
    for (const promise of pending) await promise.then(discard, () => undefined)
  }
}
