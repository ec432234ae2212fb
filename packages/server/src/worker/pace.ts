/** How long work still takes, from how fast it went. */

export interface Pace {
  /** Seconds left when `share` of the whole is done; null while it cannot be told. */
  estimate(share: number): number | null
}

/** `begun` is the share that was done before: it says nothing about the pace of this attempt. */
export function createPace(begun: number, now: () => number = Date.now): Pace {
  const started = now()
  let first: number | null = null
  return {
    estimate: (share) => {
      // An attempt that goes on jumps to where the one before was.
      first ??= Math.max(begun, share)
      const seconds = (now() - started) / 1000
      const done = share - first
      return seconds < 3 || done < 0.03 ? null : (seconds * (1 - share)) / done
    },
  }
}
