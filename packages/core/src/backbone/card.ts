/**
 * What a backbone declares about itself: where its weights come from, what it wants to see, what it gives.
 */

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
  /** SPDX identifier. */
  readonly licence: string
  /** Package, version and file that the weights were made from, and that file's sha256. */
  readonly origin: string
  /** Of the weights file that is opened, in hexadecimal. */
  readonly sha256: string
  readonly input: BackboneInput
  /** In the order of computation, so strides never decrease. */
  readonly taps: readonly BackboneTap[]
  readonly sizes: {
    readonly fileBytes: number
    readonly parameters: number
  }
}
