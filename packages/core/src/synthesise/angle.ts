/**
 * Sine, cosine, arc tangent and length from exact operations, so that pictures are the same on every machine.
 *
 * `Math.sin` and its like may differ between engines in the last bit, which a rounding to bytes can show.
 * Here only + - * / and sqrt touch a result, all exact by IEEE 754; errors stay below 1e-10.
 */

const quarter = Math.PI / 2
/** What a double cannot hold of a quarter turn. */
const quarterRest = 6.123233995736766e-17

export function sine(angle: number): number {
  const turns = Math.round(angle / quarter)
  const x = angle - turns * quarter - turns * quarterRest
  // Which of the four quarters, also for negative angles.
  const place = turns & 3
  const value = (place & 1) === 0 ? sineNear(x) : cosineNear(x)
  return place < 2 ? value : -value
}

export function cosine(angle: number): number {
  return sine(angle + quarter)
}

/** The angle of the point (x, y) from the x axis, -pi to pi; 0 at the origin. */
export function arctangent(y: number, x: number): number {
  const ax = Math.abs(x)
  const ay = Math.abs(y)
  if (ax === 0 && ay === 0) return 0
  const slope = ay < ax ? ay / ax : ax / ay
  // Above tan(pi / 8) the angle is taken from an eighth of a turn.
  const steep = slope > 0.4142135623730951
  const t = steep ? (slope - 1) / (slope + 1) : slope
  const t2 = t * t
  let sum = 0
  for (let n = 23; n > 0; n -= 2) sum = 1 / n - t2 * sum
  let angle = t * sum + (steep ? quarter / 2 : 0)
  if (ay >= ax) angle = quarter - angle
  if (x < 0) angle = Math.PI - angle
  return y < 0 ? -angle : angle
}

export function lengthOf(x: number, y: number): number {
  return Math.sqrt(x * x + y * y)
}

/** Taylor series within an eighth of a turn. */
function sineNear(x: number): number {
  const x2 = x * x
  let sum = 1
  for (let n = 14; n > 0; n -= 2) sum = 1 - (x2 * sum) / (n * (n + 1))
  return x * sum
}

function cosineNear(x: number): number {
  const x2 = x * x
  let sum = 1
  for (let n = 13; n > 0; n -= 2) sum = 1 - (x2 * sum) / (n * (n + 1))
  return sum
}
