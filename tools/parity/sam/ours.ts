/**
 * Runs our Segment Anything at full size with formula weights, and compares it with what reference.py kept.
 *
 *     npx node tools/parity/sam/ours.ts $WORK b        # h, without a reference: $WORK needs no files
 *
 * One thread. Leaves the encoder's files in $WORK/sam-vit-<variant>, as a cache would.
 */
import { readFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { placeImage, prepareImage } from '../../../packages/core/src/refine/sam/input.ts'
import { toMask } from '../../../packages/core/src/refine/sam/mask.ts'
import { samPlans } from '../../../packages/core/src/refine/sam/plan.ts'
import type { Prompt } from '../../../packages/core/src/refine/sam/prompt.ts'
import { openSegmenterOf, type SegmentedMask } from '../../../packages/core/src/refine/sam/segmenter.ts'
import {
  createFormulaCheckpoint,
  formulaImage,
} from '../../../packages/core/src/refine/sam/testing/formula.ts'
import { openSession, type Device } from '../../../packages/core/src/runtime/index.ts'

interface Report {
  readonly width: number
  readonly height: number
  readonly prompts: readonly Prompt[]
  readonly iou: readonly (readonly number[])[]
}

const [work, variant] = process.argv.slice(2)
const plan = samPlans.find(({ id }) => id === `sam-vit-${variant}`)
if (work === undefined || plan === undefined) throw new Error('Usage: ours.ts <folder> <b|l|h>')
const device: Device = { name: 'cpu', reason: 'parity', threads: 1 }
const folder = join(work, plan.id)
const expected = join(work, `${variant}.json`)
const report: Report = existsSync(expected)
  ? (JSON.parse(await readFile(expected, 'utf8')) as Report)
  : { width: 1400, height: 1000, prompts: [{ box: [420, 260, 980, 740] }], iou: [] }

const image = formulaImage(report.width, report.height)
const masks: SegmentedMask[] = []
{
  const files = await timed('writing the files', async () => {
    const place = { folder, sha256: 'formula' }
    return await openSegmenterOf(plan, createFormulaCheckpoint(plan), place, device)
  })
  await files[Symbol.asyncDispose]()
  console.log(`peak so far: ${peakMegabytes()} MB`)
  await using segmenter = await timed('opening them again', () =>
    openSegmenterOf(plan, createFormulaCheckpoint(plan), { folder, sha256: 'formula' }, device),
  )
  const encoded = await timed('encoding', () => segmenter.encode(image))
  await timed('masks', async () => {
    for await (const mask of encoded.segment(report.prompts)) masks.push(mask)
    for await (const mask of encoded.segment(report.prompts, { multimask: true })) masks.push(mask)
  })
  console.log(`${masks.length} masks, peak: ${peakMegabytes()} MB; now ${await residentKinds()}`)
}

if (report.iou.length > 0) {
  await using encoder = await openSession(
    { path: join(folder, 'encoder.onnx'), keepMapped: true },
    device,
    'the encoder',
  )
  const { embedding } = await encoder.run({ image: prepareImage(image, plan) })
  compare('embedding', embedding!.data as Float32Array, await readFloats(`${variant}.embedding`))
  const logits = await readFloats(`${variant}.logits`)
  const placement = placeImage(report.width, report.height, plan)
  const area = report.width * report.height
  const truth = await readFile(join(work, `${variant}.masks`))
  report.prompts.forEach((_, p) => {
    for (let i = 0; i < 4; i++) {
      const { mask, predictedIou } = i === 0 ? masks[p]! : masks[report.prompts.length + 3 * p + i - 1]!
      const theirs = truth.subarray((4 * p + i) * area, (4 * p + i + 1) * area)
      const differing = mask.reduce((n, v, k) => n + Number(v !== 255 * theirs[k]!), 0)
      const plane = logits.subarray((4 * p + i) * 256 * 256, (4 * p + i + 1) * 256 * 256)
      const again = toMask(plane, placement, plan).reduce((n, v, k) => n + Number(v !== 255 * theirs[k]!), 0)
      const inside = mask.reduce((n, v) => n + Number(v > 0), 0)
      const iou = Math.abs(predictedIou - report.iou[p]![i]!)
      console.log(
        `prompt ${p} mask ${i}: ${inside} of ${area} pixels inside, ${differing} differ`,
        `(${again} when both start from the reference's logits); IoU apart by ${iou}`,
      )
    }
  })
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
