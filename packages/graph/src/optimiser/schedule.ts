/** Learning rates by step, counting from 0. Plain functions: the rate is an input of the training step. */

export type Schedule = (step: number) => number

/** The same rate always. */
export function constant(rate: number): Schedule {
  return () => rate
}

/**
 * Rises in a straight line from 0 to `base` during the first `warmupSteps` steps, then falls on half a cosine to
 * `final`, where it stays from step `totalSteps` on. As in the INP-Former reference.
 */
export function warmCosine(options: {
  readonly base: number
  readonly final: number
  readonly warmupSteps: number
  readonly totalSteps: number
}): Schedule {
  const { base, final, warmupSteps, totalSteps } = options
  return (step) => {
    if (step < warmupSteps) return (base * step) / Math.max(warmupSteps - 1, 1)
    const progress = Math.min((step - warmupSteps) / (totalSteps - warmupSteps), 1)
    return final + 0.5 * (base - final) * (1 + Math.cos(Math.PI * progress))
  }
}

/** `base`, multiplied by `factor` after every `every` steps. */
export function stepDecay({
  base,
  every,
  factor,
}: {
  readonly base: number
  readonly every: number
  readonly factor: number
}): Schedule {
  return (step) => base * factor ** Math.floor(step / every)
}
