import { readFileSync } from 'node:fs'

import { writeOnnx, type Tensor } from '@assay/graph'
import { describe, expect, test } from 'vitest'

import { openSession } from '../../runtime/index.ts'
import { testDevice } from '../../testing/device.ts'
import { createTestFolder } from '../../testing/folder.ts'
import { buildMaskDecoder } from './decoder.ts'
import { buildImageEncoder } from './encoder.ts'
import { placeImage, prepareImage } from './input.ts'
import { samTensors } from './plan.ts'
import { placePrompt, type Prompt } from './prompt.ts'
import { openSegmenterOf, type SegmentedMask } from './segmenter.ts'
import { createSamCheckpoint, formulaImage, formulaTensor, tinyPlan } from './testing/formula.ts'

interface Sample {
  readonly shape: readonly number[]
  readonly meanAbs: number
  readonly maxAbs: number
  readonly places: readonly number[]
  readonly values: readonly number[]
}

interface GoldenPrompt extends Prompt {
  readonly iou: readonly number[]
  readonly logits: Sample
  readonly masks: string
  readonly areas: readonly number[]
}

/** Written by tools/golden/sam.py with the public code of Segment Anything. */
const golden = JSON.parse(
  readFileSync(new URL('../../../../../fixtures/golden/sam.json', import.meta.url), 'utf8'),
) as {
  readonly cases: readonly {
    readonly width: number
    readonly height: number
    readonly inside: readonly [number, number]
    readonly input: Sample
    readonly embedding: Sample
    readonly prompts: readonly GoldenPrompt[]
  }[]
}

/** Float32 sums in another order; of the largest value. */
const tolerance = 1e-5

const shapes = samTensors(tinyPlan)
const weights = (name: string): Tensor => formulaTensor(name, shapes.get(name)!)

describe.each(golden.cases)('a picture of $width x $height', ({ width, height, inside, prompts, ...at }) => {
  const image = formulaImage(width, height)

  test('is resized, normalised and padded as in the reference', () => {
    expect(placeImage(width, height, tinyPlan)).toMatchObject({
      insideHeight: inside[0],
      insideWidth: inside[1],
    })
    const prepared = prepareImage(image, tinyPlan)
    expect(at.input.places.map((i) => Number(prepared.data[i]))).toEqual(at.input.values)
    expectSample(prepared, at.input, 0)
  })

  test('has the embedding and the logits of the reference', async () => {
    await using encoder = await openSession(
      writeOnnx(buildImageEncoder(tinyPlan, weights)),
      testDevice,
      'encoder',
    )
    await using decoder = await openSession(
      writeOnnx(buildMaskDecoder(tinyPlan, weights)),
      testDevice,
      'decoder',
    )
    const { embedding } = await encoder.run({ image: prepareImage(image, tinyPlan) })
    expectSample(embedding!, at.embedding, tolerance)
    for (const prompt of prompts) {
      const placed = placePrompt(prompt, placeImage(width, height, tinyPlan))
      const { masks, iou } = await decoder.run({ embedding: embedding!, ...placed })
      expectSample({ ...masks!, shape: masks!.shape.slice(1) }, prompt.logits, tolerance)
      prompt.iou.forEach((value, i) => expect(Number(iou!.data[i])).toBeCloseTo(value, 5))
    }
  })

  test('has the masks of the reference to the pixel', async () => {
    await using folder = await createTestFolder()
    await using segmenter = await openSegmenterOf(
      tinyPlan,
      createSamCheckpoint(tinyPlan),
      { folder: folder.path, sha256: 'formula' },
      testDevice,
    )
    const encoded = await segmenter.encode(image)
    const single = await collect(encoded.segment(prompts))
    const multiple = await collect(encoded.segment(prompts, { multimask: true }))
    expect(single.map(({ prompt }) => prompt)).toEqual(prompts.map((_, i) => i))
    prompts.forEach((prompt, i) => {
      const found = [single[i]!, ...multiple.slice(3 * i, 3 * i + 3)]
      expect(found.map(({ mask }) => mask.filter((v) => v === 255).length)).toEqual(prompt.areas)
      expect(packBits(found)).toEqual(Buffer.from(prompt.masks, 'base64'))
      found.forEach(({ predictedIou }, j) => expect(predictedIou).toBeCloseTo(prompt.iou[j]!, 5))
    })
  })
})

function expectSample({ shape, data }: Tensor, sample: Sample, tolerance: number): void {
  expect(shape).toEqual(sample.shape)
  const values = Float64Array.from(data as Float32Array)
  const worst = Math.max(...sample.places.map((i, k) => Math.abs(values[i]! - sample.values[k]!)))
  expect(worst / sample.maxAbs).toBeLessThanOrEqual(tolerance)
  const meanAbs = values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length
  expect(Math.abs(meanAbs / sample.meanAbs - 1)).toBeLessThanOrEqual(Math.max(tolerance, 1e-12))
}

async function collect(masks: AsyncIterable<SegmentedMask>): Promise<SegmentedMask[]> {
  const all: SegmentedMask[] = []
  for await (const mask of masks) all.push(mask)
  return all
}

/** Eight pixels per byte, the first in the highest bit, the masks one after the other. */
function packBits(masks: readonly SegmentedMask[]): Buffer {
  const pixels = masks.flatMap(({ mask }) => Array.from(mask, (v) => Number(v === 255)))
  const packed = Buffer.alloc(Math.ceil(pixels.length / 8))
  pixels.forEach((bit, i) => (packed[i >> 3]! |= bit << (7 - (i & 7))))
  return packed
}
