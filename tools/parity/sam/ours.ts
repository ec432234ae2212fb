/**
 * Runs our Segment Anything at full size, and compares it with what reference.py kept.
 *
 *     npx node tools/parity/sam/ours.ts $WORK b formula   # by formula; without a reference $WORK needs no files
 *     npx node tools/parity/sam/ours.ts $WORK b fitted    # from the reference's checkpoint $WORK/b.pth
 *
 * With "embedding" at the end the picture is encoded once more, and the embedding compared.
 * One thread. Leaves the encoder's files in $WORK/sam-vit-<variant>-<weights>, as a cache would.
 */
import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { placeImage, prepareImage } from '../../../packages/core/src/refine/sam/input.ts'
import { toMask } from '../../../packages/core/src/refine/sam/mask.ts'
import { samPlans } from '../../../packages/core/src/refine/sam/plan.ts'
import type { Prompt } from '../../../packages/core/src/refine/sam/prompt.ts'
import { openSegmenterOf, type SegmentedMask } from '../../../packages/core/src/refine/sam/segmenter.ts'
import { createSamCheckpoint, formulaImage } from '../../../packages/core/src/refine/sam/testing/formula.ts'
import { openSession, type Device } from '../../../packages/core/src/runtime/index.ts'
import { openCheckpoint } from '../../../packages/core/src/weights/index.ts'

interface Report {
  readonly width: number
  readonly height: number
  readonly prompts: readonly Prompt[]
  readonly iou: readonly (readonly number[])[]
}

const [work, variant, weights, what] = process.argv.slice(2)
const plan = samPlans.find(({ id }) => id === `sam-vit-${variant}`)
if (work === undefined || plan === undefined || (weights !== 'formula' && weights !== 'fitted'))
  throw new Error('Usage: ours.ts <folder> <b|l|h> <formula|fitted>')
const device: Device = { name: 'cpu', reason: 'parity', threads: 1 }
const kept = `${variant}-${weights}`
const folder = join(work, `${plan.id}-${weights}`)
const expected = join(work, `${kept}.json`)
const report: Report = existsSync(expected)
  ? (JSON.parse(await readFile(expected, 'utf8')) as Report)
  : { width: 1400, height: 1000, prompts: [{ box: [420, 260, 980, 740] }], iou: [] }

const image = formulaImage(report.width, report.height)
const masks: SegmentedMask[] = []
{
  const source =
    weights === 'formula' ? createSamCheckpoint(plan) : await openCheckpoint(join(work, `${variant}.pth`))
  await using checkpoint = source
  const place = { folder, sha256: weights }
  const files = await timed('writing the files', () => openSegmenterOf(plan, checkpoint, place, device))
  await files[Symbol.asyncDispose]()
  console.log(`peak so far: ${peakMegabytes()} MB`)
  await using segmenter = await timed('opening them again', () =>
    openSegmenterOf(plan, checkpoint, place, device),
  )
  const encoded = await timed('encoding', () => segmenter.encode(image))
  await timed('masks', async () => {
    for await (const mask of encoded.segment(report.prompts)) masks.push(mask)
    for await (const mask of encoded.segment(report.prompts, { multimask: true })) masks.push(mask)
  })
  console.log(`${masks.length} masks, peak: ${peakMegabytes()} MB; now ${await residentKinds()}`)
}

if (report.iou.length > 0) {
  if (what === 'embedding') await compareEmbedding()
  const logits = await readFloats(`${kept}.logits`)
  const placement = placeImage(report.width, report.height, plan)
  const area = report.width * report.height
  const truth = await readFile(join(work, `${kept}.masks`))
  let [differing, again, farthest] = [0, 0, 0]
  report.prompts.forEach((_, p) => {
    for (let i = 0; i < 4; i++) {
      const { mask, predictedIou } = i === 0 ? masks[p]! : masks[report.prompts.length + 3 * p + i - 1]!
      const theirs = truth.subarray((4 * p + i) * area, (4 * p + i + 1) * area)
      const plane = logits.subarray((4 * p + i) * 256 * 256, (4 * p + i + 1) * 256 * 256)
      const other = countDiffering(mask, theirs)
      const inside = mask.reduce((n, v) => n + Number(v > 0), 0)
      console.log(`prompt ${p} mask ${i}: ${inside} of ${area} pixels inside, ${other} differ`)
      differing += other
      again += countDiffering(toMask(plane, placement, plan), theirs)
      farthest = Math.max(farthest, Math.abs(predictedIou - report.iou[p]![i]!))
    }
  })
  console.log(
    `${kept}: ${differing} of ${masks.length * area} pixels differ, ${again} when both start from the`,
    `reference's logits; IoU apart by ${farthest} at most`,
  )
}

async function compareEmbedding(): Promise<void> {
  await using encoder = await openSession(
    { path: join(folder, 'encoder.onnx'), keepMapped: true },
    device,
    'the encoder',
  )
  const { embedding } = await encoder.run({ image: prepareImage(image, plan!) })
  compare('embedding', embedding!.data as Float32Array, await readFloats(`${kept}.embedding`))
}

function countDiffering(mask: Uint8Array, truth: Uint8Array): number {
  return mask.reduce((n, v, k) => n + Number(v !== 255 * truth[k]!), 0)
}

function compare(what: string, ours: Float32Array, theirs: Float32Array): void {
  let worst = 0
  let largest = 0
  for (let i = 0; i < theirs.length; i++) {
    worst = Math.max(worst, Math.abs(ours[i]! - theirs[i]!))
    largest = Math.max(largest, Math.abs(theirs[i]!))
  }
  console.log(`${what}: largest difference ${worst}, largest value ${largest}, relative ${worst / largest}`)
}

async function readFloats(name: string): Promise<Float32Array> {
  const bytes = await readFile(join(work!, name))
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  const start = process.cpuUsage()
  const result = await action()
  const { user, system } = process.cpuUsage(start)
  console.log(`${what}: ${((user + system) / 1e6).toFixed(1)} s of CPU`)
  return result
}

/** Memory of our own, and of the mapped file, which the system can have back. Linux only. */
async function residentKinds(): Promise<string> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  return [...status.matchAll(/^Rss(Anon|File):\s+(\d+)/gm)]
    .map(([, kind, kilobytes]) => `${kind} ${Math.round(Number(kilobytes) / 1024)} MB`)
    .join(', ')
}

function peakMegabytes(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}
