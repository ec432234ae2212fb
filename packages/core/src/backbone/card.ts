/**
 * What a backbone declares about itself: what it wants to see and what it gives.
 */
import { AssayError } from '@assay/contract'

/** One number per colour channel, red first. */
type Triple = readonly [red: number, green: number, blue: number]

export interface BackboneTap {
  readonly name: string
  readonly channels: number
  /** Input pixels per position of the tap, both ways. */
  readonly stride: number
}

export interface BackboneInput {
  /** Height and width are multiples of this. */
  readonly multipleOf: number
  /** `(pixel / 255 - mean) / std`, per channel. */
  readonly mean: Triple
  readonly std: Triple
  readonly colour: 'rgb'
}

export interface BackboneCard {
  readonly id: string
  readonly input: BackboneInput
  /** In the order of computation, so strides never decrease. */
  readonly taps: readonly BackboneTap[]
  /** The taps that a recipe takes when it names none. */
  readonly defaultTaps: readonly string[]
  /** The same for `tokens`: an even number of layers that see about as far as each other, shallow ones first. */
  readonly tokenTaps: readonly string[]
}

/** TAP_UNKNOWN for a tap that the backbone does not have, with the list of its taps. */
export function requireTaps({ id, taps }: BackboneCard, wanted: readonly string[]): void {
  const known = taps.map(({ name }) => name)
  for (const tap of wanted)
    if (!known.includes(tap)) throw new AssayError('TAP_UNKNOWN', { backbone: id, tap, taps: known })
}
