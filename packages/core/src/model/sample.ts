/**
 * Sample vectors: inputs by formula with the outputs they must give, kept in the card.
 *
 * No picture of the customer is stored. Pixel i of the row-major uint8 input `[1, height, width, 3]` is
 * floor(256 * ((i * 7919 + 104729 * (seed + 1)) mod 10007) / 10007): anyone can make it again.
 */
import type { CardSample } from '@assay/contract'
import type { Session } from '../runtime/index.ts'

/** Largest difference between a file's samples and what this machine computes, relative to the value's size. */
export const sampleTolerance = 1e-3

export interface SampleInput {
  readonly height: number
  readonly width: number
  readonly seed: number
}

export function samplePixels({ height, width, seed }: SampleInput): Uint8Array {
  const pixels = new Uint8Array(height * width * 3)
  const offset = 104729 * (seed + 1)
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.floor((256 * ((i * 7919 + offset) % 10007)) / 10007)
  return pixels
}

/** Runs one sample and notes score and nine values of the map. */
export async function takeSample(session: Session, input: SampleInput): Promise<CardSample> {
  const { height, width } = input
  const outputs = await session.run({
    image: { dtype: 'uint8', shape: [1, height, width, 3], data: samplePixels(input) },
  })
  const map = outputs['map']?.data ?? []
  const places = [0.2, 0.5, 0.8]
  return {
    input: { ...input },
    product: Number(outputs['product']?.data[0] ?? 0),
    score: Number(outputs['score']?.data[0]),
    map: places.flatMap((v) =>
      places.map((u) => {
        const y = Math.floor(v * height)
        const x = Math.floor(u * width)
        return { y, x, value: Number(map[y * width + x]) }
      }),
    ),
  }
}

/** Repeats the samples of a card; the largest relative difference, infinite when a product differs. */
export async function compareSamples(session: Session, samples: readonly CardSample[]): Promise<number> {
  let worst = 0
  for (const sample of samples) {
    const again = await takeSample(session, sample.input)
    if (again.product !== sample.product) return Infinity
    const scale = Math.max(1e-6, Math.abs(sample.score), ...sample.map.map((m) => Math.abs(m.value)))
    worst = Math.max(worst, Math.abs(again.score - sample.score) / scale)
    sample.map.forEach((m, i) => {
      worst = Math.max(worst, Math.abs((again.map[i]?.value ?? NaN) - m.value) / scale)
    })
    if (Number.isNaN(worst)) return Infinity
  }
  return worst
}
