/** Round tick values for the axis of a chart. */

/** Ticks at 1, 2 or 5 times a power of ten that lie inside [low, high]; about `wanted` of them. */
export function axisTicks(low: number, high: number, wanted: number): number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10)
  const ticks: number[] = []
  for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i++) ticks.push(i * step)
  return ticks.map((tick) => Number(tick.toPrecision(12)))
}
