/**
 * The seam of the binarisers: from an anomaly map to a mask.
 *
 * A binariser says what it has to see before it can decide. Its state is plain data, so a model card
 * can hold it; nothing about an image is kept between images. Masks are `[h, w]`, 0 or 255.
 */

/** Raw scores of one image, `[height, width]`, in whatever range the method has. */
export interface AnomalyMap {
  readonly width: number
  readonly height: number
  readonly values: Float32Array
  /** Side of the square of the picture's pixels that one value stands for; 1 where it is left out. */
  readonly reduction?: number
}

/**
 * Which maps `startFit` is fed. good: maps of good images; test: all maps of the split that is then
 * binarised, as published pipelines do (never by default); nothing: there is no fit.
 */
export type Sight = 'nothing' | 'good' | 'test'

/** Collects maps one at a time. */
export interface BinariserFit<State> {
  add(map: AnomalyMap): void
  /** Throws an internal error if no map came. */
  finish(): State
}

/**
 * `Options` come from a recipe and `State` from a fit of the same binariser; whoever holds definitions
 * of several kinds in one list keeps the three together.
 */
export interface BinariserDefinition<Options = unknown, State = unknown> {
  readonly id: string
  readonly sees: Sight
  readonly defaults: Options
  /** Absent if it sees nothing; the state is then null. */
  startFit?(options: Options): BinariserFit<State>
  /** The mask `[height, width]`: 255 where the map is anomalous, else 0. */
  binarise(map: AnomalyMap, state: State, options: Options): Uint8Array
}

/** Fits on a stream of maps, which need not fit into memory together; null if it sees nothing. */
export async function fitBinariser<Options, State>(
  definition: BinariserDefinition<Options, State>,
  maps: AsyncIterable<AnomalyMap> | Iterable<AnomalyMap>,
  options: Options,
): Promise<State | null> {
  const fit = definition.startFit?.(options)
  if (fit === undefined) return null
  for await (const map of maps) fit.add(map)
  return fit.finish()
}

/** 255 where `values` lie above `threshold`. */
export function maskAbove(values: Float32Array, threshold: number): Uint8Array {
  const mask = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) if (values[i]! > threshold) mask[i] = 255
  return mask
}

/** The largest of `values`, -Infinity if there is none. */
export function peakOf(values: Float32Array): number {
  let peak = -Infinity
  for (let i = 0; i < values.length; i++) if (values[i]! > peak) peak = values[i]!
  return peak
}
