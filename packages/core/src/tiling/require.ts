/** Refuses an array whose length does not fit its size: always a fault of the caller. */
export function requirePixels(what: string, length: number, wanted: number): void {
  if (length !== wanted) throw new Error(`internal: ${what} has ${length} samples, not ${wanted}.`)
}
