/**
 * Natural order of names: `part2` before `part10`, the same on every machine.
 *
 * Runs of ASCII digits compare as numbers of any length, everything else by UTF-16 code units; no
 * locale takes part. Names that differ only in leading zeros fall back to plain order.
 */

/** Compares two names for `sort`. Never 0 for different names. */
export function compareNatural(a: string, b: string): number {
  const partsA = a.match(pieces) ?? []
  const partsB = b.match(pieces) ?? []
  const shared = Math.min(partsA.length, partsB.length)
  for (let i = 0; i < shared; i++) {
    const order = comparePieces(partsA[i]!, partsB[i]!)
    if (order !== 0) return order
  }
  return partsA.length - partsB.length || comparePlain(a, b)
}

const pieces = /[0-9]+|[^0-9]+/g

function comparePieces(a: string, b: string): number {
  if (!startsWithDigit(a) || !startsWithDigit(b)) return comparePlain(a, b)
  const digitsA = a.replace(/^0+/, '')
  const digitsB = b.replace(/^0+/, '')
  return digitsA.length - digitsB.length || comparePlain(digitsA, digitsB)
}

function startsWithDigit(text: string): boolean {
  return text >= '0' && text < ':'
}

function comparePlain(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
