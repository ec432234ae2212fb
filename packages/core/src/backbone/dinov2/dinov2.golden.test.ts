/** DINOv2 on onnxruntime, against the reference in PyTorch (tools/golden/dinov2.py). */
import { readFileSync } from 'node:fs'

import { createGraph, writeOnnx, type Tensor } from '@assay/graph'
import { describe, expect, test } from 'vitest'

import { openSession, type Device, type Session } from '../../runtime/index.ts'
import { createFormulaCheckpoint } from '../../testing/formula-checkpoint.ts'
import { findBackbone } from '../catalogue.ts'
import type { BackboneEntry } from '../entry.ts'
import { normaliseImage } from '../input.ts'
import { buildDinoV2 } from './build.ts'
import { checkpointTensors, tapsOf, type DinoV2Plan } from './plan.ts'
import { prepareDinoV2 } from './prepare.ts'
import { formulaImage, formulaTensor } from './testing/formula.ts'

interface Run {
  readonly images: number
  readonly height: number
  readonly width: number
  readonly taps: Record<
    string,
    { readonly meanAbs: number; readonly maxAbs: number; readonly values: number[] }
  >
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../../fixtures/golden/dinov2.json', import.meta.url), 'utf8'),
) as {
  readonly small: Record<string, { readonly plan: DinoV2Plan; readonly runs: readonly Run[] }>
  readonly full: Record<string, readonly Run[]>
}
const cpu: Device = { name: 'cpu', reason: 'tests', threads: 1 }

// Relative to the largest value of the tap. Two engines add in another order: a few float32 roundings.
const sameNumbers = 1e-5

const { input } = findBackbone('dinov2-vit-s14').card

describe.each(Object.entries(golden.small))('a small network %s', (_, { plan, runs }) => {
  const entry = createEntry(plan)
  const taps = tapsOf(plan).map(({ name }) => name)

  test('gives the taps of PyTorch, one model at every size', async () => {
    await using session = await openTaps(entry, ['n', 'h', 'w', 3], taps)
    for (const run of runs) await compare(session, run, plan)
  })

  test('gives the same at a fixed size', async () => {
    const run = runs.find(({ height }) => height === 448)!
    await using session = await openTaps(entry, [1, run.height, run.width, 3], taps)
    await compare(session, run, plan)
  })
})

test.each(Object.entries(golden.full))('%s gives the taps of PyTorch', async (id, runs) => {
  await using session = await openTaps(findBackbone(id), ['n', 'h', 'w', 3], Object.keys(runs[0]!.taps))
  for (const run of runs) await compare(session, run, { patch: 14, width: 384 })
})

type Entry = Pick<BackboneEntry, 'tensors' | 'prepare' | 'build'>

function createEntry(plan: DinoV2Plan): Entry {
  return {
    tensors: checkpointTensors(plan),
    prepare: (checkpoint, taps) => prepareDinoV2(checkpoint, plan, taps),
    build: (g, x, weights, taps) => buildDinoV2(g, x, plan, weights, taps),
  }
}

/** From uint8 pixels to taps. */
async function openTaps(
  { tensors, prepare, build }: Entry,
  shape: readonly (string | number)[],
  taps: readonly string[],
): Promise<Session> {
  const weights = await prepare(createFormulaCheckpoint(tensors, formulaTensor), taps)
  const g = createGraph('taps')
  const x = normaliseImage(g, g.input('image', 'uint8', shape), input)
  for (const [name, value] of Object.entries(build(g, x, weights, taps))) g.output(name, value)
  return openSession(writeOnnx(g.build()), cpu, 'taps')
}

async function compare(
  session: Session,
  { images, height, width, taps }: Run,
  plan: Pick<DinoV2Plan, 'patch' | 'width'>,
): Promise<void> {
  const results: Record<string, Tensor> = await session.run({ image: formulaImage(images, height, width) })
  expect(Object.keys(results)).toEqual(Object.keys(taps))
  for (const [name, want] of Object.entries(taps)) {
    const what = `${name} at ${height} x ${width}`
    const got = results[name]!
    expect(got.shape, what).toEqual([images, plan.width, height / plan.patch, width / plan.patch])
    const values = got.data as Float32Array
    want.values.forEach((value, i) => {
      const place = Math.floor((i * (values.length - 1)) / (want.values.length - 1))
      expect(Math.abs(values[place]! - value) / want.maxAbs, `${what}, [${place}]`).toBeLessThan(sameNumbers)
    })
    const meanAbs = values.reduce((sum, v) => sum + Math.abs(v), 0) / values.length
    expect(Math.abs(meanAbs / want.meanAbs - 1), what).toBeLessThan(sameNumbers)
  }
}
