/**
 * Trains the heads that training.py began, on the same pictures in the same order and under the same augmentation,
 * and compares losses and parameters after two steps and after all.
 *
 *     npx node tools/parity/inp-former/training.ts $WORK
 *
 * One thread, float32, the training step and its session as `assay step train` has them. A tensor's difference is
 * the largest one of its values, relative to the largest of them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { warmCosine, writeOnnx, type Tensor } from '@assay/graph'

import { describeDinoV2 } from '../../../packages/core/src/backbone/dinov2/entry.ts'
import { offsetPositions, readBackbone } from '../../../packages/core/src/backbone/index.ts'
import { openExtractor, planFeatures, type InputPixels } from '../../../packages/core/src/feature/index.ts'
import { decodeImage } from '../../../packages/core/src/image/index.ts'
import {
  readPublishedHead,
  type PublishedHead,
} from '../../../packages/core/src/method/inp-former/checkpoint.ts'
import { buildTrainingStep } from '../../../packages/core/src/method/inp-former/training.ts'
import { recipeOf } from '../../../packages/core/src/pipeline/step/encoder.ts'
import { prepareTile } from '../../../packages/core/src/pipeline/step/tile.ts'
import { openStatefulSession } from '../../../packages/core/src/runtime/index.ts'
import { exposePixels } from '../../../packages/core/src/synthesise/exposure.ts'
import { openCheckpoint } from '../../../packages/core/src/weights/index.ts'

interface Way {
  readonly losses: readonly number[]
  /** Of every picture in turn; null for one that is left as it is. */
  readonly exposures: readonly (number | null)[]
}

const [work = ''] = process.argv.slice(2)
const given = JSON.parse(readFileSync(join(work, 'training.json'), 'utf8')) as {
  readonly encoder: { readonly width: number; readonly depth: number; readonly heads: number }
  readonly side: number
  readonly batch: number
  readonly pictures: number
  readonly steps: number
  readonly warmup: number
  readonly rate: number
  readonly finalRate: number
  readonly ways: Readonly<Record<string, Way>>
}
const { side, batch, steps } = given
const sampleCount = side * side * 3
const device = { name: 'cpu', reason: 'parity', threads: 1 } as const

// Named like a published encoder, whose names it has; only narrower.
const entry = describeDinoV2('dinov2reg-vit-b14', {
  ...given.encoder,
  registers: 4,
  patch: 14,
  grid: 37,
  positions: offsetPositions,
})
const pictures = await Promise.all(
  Array.from({ length: given.pictures }, (_, i) => decodeImage(join(work, `${i}.png`))),
)

for (const [way, { losses, exposures }] of Object.entries(given.ways)) await train(way, losses, exposures)

async function train(way: string, losses: Way['losses'], exposures: Way['exposures']): Promise<void> {
  await using file = await openCheckpoint(join(work, `${way}-0.pth`))
  const begun = await readPublishedHead(file)
  const headWidth = begun.plan.width / begun.plan.heads
  const recipe = recipeOf({ name: 'small', entry, headWidth }, { batch, steps }, 1)
  const origin = { origin: 'training.py', licence: 'MIT', sha256: '0'.repeat(64) }
  const backbone = await readBackbone(entry, begun.encoder, origin, entry.card.tokenTaps)
  await using extractor = await openExtractor(
    await planFeatures(backbone, recipe, noPictures(), device),
    device,
  )
  const augment = exposures.length > 0 ? openAugmentation(exposures) : undefined
  const patches = (side / 14) ** 2
  const shape = { images: batch, context: patches, tokens: 0 }
  const step = buildTrainingStep(begun.plan, recipe.inpFormer, begun.tensors, shape)
  const rateOf = warmCosine({
    base: given.rate,
    final: given.finalRate,
    warmupSteps: given.warmup,
    totalSteps: steps,
  })
  await using session = await openStatefulSession(
    writeOnnx(step.graph),
    device,
    'training',
    Object.fromEntries(step.carried.map((c) => [c.input, c.output])),
    Object.fromEntries(step.carried.map((c) => [c.input, c.initial])),
  )
  let worst = 0
  for (let done = 0; done < steps; done++) {
    const rows: Float32Array[] = []
    for (let place = 0; place < batch; place++) {
      const picture = pictures[(done * batch + place) % pictures.length]!
      const sizes = { input_size: side, crop_size: side }
      const [own] = await extractor.extract(prepareTile(picture, sizes, augment))
      rows.push(own!.slice())
    }
    const context = Float32Array.from(rows.flatMap((own) => [...own]))
    const { loss } = await session.step({
      context: { dtype: 'float32', shape: [batch, patches, context.length / batch / patches], data: context },
      step: scalar(done + 1),
      learningRate: scalar(rateOf(done)),
    })
    worst = Math.max(worst, Math.abs(Number(loss?.data[0]) / losses[done]! - 1))
    const expected = join(work, `${way}-${done + 1}.pth`)
    if (done + 1 === 2 || done + 1 === steps) {
      console.log(`${way}, ${done + 1} steps: losses within ${worst.toExponential(1)}`)
      await compare(expected, begun, await session.readState())
    }
  }
}

async function compare(
  path: string,
  begun: PublishedHead,
  state: Readonly<Record<string, Tensor>>,
): Promise<void> {
  await using expected = await openCheckpoint(path)
  const { tensors } = await readPublishedHead(expected)
  const each = Object.entries(tensors).map(([name, tensor]) => {
    const values = tensor.data as Float32Array
    const found = state[`p.${name}`]!.data as Float32Array
    const start = begun.tensors[name]!.data as Float32Array
    const largest = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0)
    const moved = values.reduce((most, v, i) => Math.max(most, Math.abs(v - start[i]!)), 0)
    const apart = values.map((v, i) => Math.abs(v - found[i]!))
    const most = apart.reduce((a, b) => Math.max(a, b))
    return { name: `${name}[${apart.indexOf(most)}]`, relative: most / largest, moved: moved / largest }
  })
  const sorted = each.toSorted((a, b) => b.relative - a.relative)
  const within = each.filter((one) => one.relative <= 1e-3).length
  console.log(`  ${each.length} tensors, ${within} within 1e-3; farthest:`)
  for (const { name, relative, moved } of sorted.slice(0, 4))
    console.log(`  ${relative.toExponential(1)} ${name} (moved by ${moved.toPrecision(2)})`)
}

/** The noise and exposures that the reference drew; counts the bytes that differ from those it made. */
function openAugmentation(exposures: readonly (number | null)[]): (pixels: Uint8Array) => Uint8Array {
  const noise = readFileSync(join(work, 'noise.f32'))
  const seen = readFileSync(join(work, 'seen.u8'))
  let picture = 0
  let augmented = 0
  return (pixels) => {
    const exposure = exposures[picture++]
    if (exposure === undefined) throw new Error('more pictures than the reference saw')
    if (exposure === null) return pixels
    const at = augmented++ * sampleCount
    const own = new Float32Array(
      noise.buffer.slice(noise.byteOffset + 4 * at, noise.byteOffset + 4 * (at + sampleCount)),
    )
    const out = exposePixels(pixels, exposure, own)
    const differing = out.reduce((n, v, i) => n + Number(v !== seen[at + i]), 0)
    if (differing > 0) throw new Error(`picture ${picture}: ${differing} augmented bytes differ`)
    return out
  }
}

function scalar(value: number): Tensor {
  return { dtype: 'float32', shape: [], data: Float32Array.of(value) }
}

/** Tokens need no measuring beforehand. */
async function* noPictures(): AsyncGenerator<InputPixels> {}
