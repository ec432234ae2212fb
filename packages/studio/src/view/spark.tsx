/** A small line without axes, as of a loss while it is learned. */
export function Spark({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return null
  const low = Math.min(...values)
  const span = Math.max(...values) - low || 1
  const path = values
    .map(
      (v, i) =>
        `${i === 0 ? 'M' : 'L'}${((i / (values.length - 1)) * 200).toFixed(1)} ${(34 - ((v - low) / span) * 32).toFixed(1)}`,
    )
    .join('')
  return (
    <svg class="spark" viewBox="0 0 200 36" preserveAspectRatio="none" role="img" aria-label={label}>
      <path d={path} />
    </svg>
  )
}
