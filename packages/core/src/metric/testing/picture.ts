/** Arbitrary small maps with masks, for properties of pixel metrics. */
import * as fc from 'fast-check'

export interface DrawnPicture {
  readonly width: number
  readonly height: number
  readonly map: Float32Array
  readonly mask: Uint8Array
}

/** One to four pictures with tied scores; there are defect pixels and others among them. */
export const anyPictures: fc.Arbitrary<DrawnPicture[]> = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 })).chain(([width, height]) =>
      fc
        .tuple(
          fc.array(fc.integer({ min: -5, max: 5 }), { minLength: width * height, maxLength: width * height }),
          fc.array(fc.boolean(), { minLength: width * height, maxLength: width * height }),
        )
        .map(([scores, inside]) => ({
          width,
          height,
          map: Float32Array.from(scores, (score) => score / 3),
          mask: Uint8Array.from(inside, (value) => (value ? 255 : 0)),
        })),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .filter((pictures) => {
    const all = pictures.flatMap((picture) => [...picture.mask])
    return all.includes(0) && all.includes(255)
  })
