/**
 * Runs our steps beside those of reference.py, masks.py and refine.py, each on what the reference's step before has left, so
 * that every step is compared alone.
 *
 *     npx node tools/parity/robis/ours.ts $WORK
 *
 * `$WORK/ours`: `tiles`, `raw` (float32 TIFF), `tile-maps`, `maps`, `masks`, `refined`, and `evaluation.json`. One thread.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { buildDinoV2 } from '../../../packages/core/src/backbone/dinov2/build.ts'
import {
  checkpointTensors,
  tapsOf,
  type DinoV2Plan,
} from '../../../packages/core/src/backbone/dinov2/plan.ts'
import { prepareDinoV2 } from '../../../packages/core/src/backbone/dinov2/prepare.ts'
import { offsetPositions } from '../../../packages/core/src/backbone/index.ts'
import {
  binariseMaps,
  cropDataset,
  evaluateMasks,
  mapTiles,
  mergeMaps,
  parseStepSettings,
  refineMasks,
  type PublishedEncoder,
  type StepEvent,
  type StepOptions,
} from '../../../packages/core/src/pipeline/step/index.ts'

import { openSegmenterOf } from '../../../packages/core/src/refine/sam/segmenter.ts'
import { createSamCheckpoint, tinyPlan } from '../../../packages/core/src/refine/sam/testing/formula.ts'

const [work = ''] = process.argv.slice(2)
const given = JSON.parse(readFileSync(fileURLToPath(new URL('settings.json', import.meta.url)), 'utf8')) as {
  readonly objects: Readonly<Record<string, unknown>>
  readonly window_size: number
  readonly desired_overlap: number
  readonly input_size: number
  readonly encoder: Pick<DinoV2Plan, 'width' | 'depth' | 'heads'>
}
const plan: DinoV2Plan = { ...given.encoder, registers: 4, patch: 14, grid: 37, positions: offsetPositions }
const taps = Array.from({ length: 8 }, (_, i) => `block${i + 2}`)
const encoder: PublishedEncoder = {
  name: 'small-random',
  headWidth: plan.width / plan.heads,
  entry: {
    card: {
      id: 'small-random',
      input: { multipleOf: 14, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], colour: 'rgb' },
      taps: tapsOf(plan),
      defaultTaps: taps,
      tokenTaps: taps,
    },
    // The models of the reference hold the encoder.
    weights: { published: 'none' },
    tensors: checkpointTensors(plan),
    prepare: (checkpoint, wanted) => prepareDinoV2(checkpoint, plan, wanted),
    build: (g, x, weights, wanted) => buildDinoV2(g, x, plan, weights, wanted),
  },
}
const theirs = (name: string): string => join(work, 'theirs', name)
const ours = (name: string): string => join(work, 'ours', name)
const settings = parseStepSettings({
  original_data_path: join(work, 'data'),
  data_path: theirs('tiles'),
  save_dir: theirs('weights'),
  amap_savedir: ours('tile-maps'),
  window_size: given.window_size,
  desired_overlap: given.desired_overlap,
  input_size: given.input_size,
  crop_size: given.input_size,
  encoder: encoder.name,
  device: 'cpu',
})
const options = (changed: Partial<StepOptions['settings']> = {}): StepOptions => ({
  settings: { ...settings, ...changed },
  encoders: [encoder],
  threads: 1,
})

async function follow<R>(
  run: AsyncGenerator<StepEvent, R>,
  watch: (event: StepEvent) => void = () => undefined,
): Promise<R> {
  for (;;) {
    const { done, value } = await run.next()
    if (done === true) return value
    if (value.type === 'image-error' || value.type === 'warning') throw new Error(value.message)
    watch(value)
  }
}

await follow(cropDataset(options({ data_path: ours('tiles') })))

// Raw maps wait in a folder of their own until the extremes are known.
const kept = new Set<string>()
await follow(mapTiles(options()), (event) => {
  if (event.type !== 'stage' || event.what !== 'scaling' || kept.has(event.object)) return
  kept.add(event.object)
  const waiting = join(ours('tile-maps'), '.assay', `raw-${event.object}-test_public`, event.object)
  cpSync(join(waiting, 'test_public'), join(ours('raw'), event.object), { recursive: true })
})

mkdirSync(ours('maps'), { recursive: true })
for (const object of Object.keys(given.objects))
  cpSync(join(theirs('tile-maps'), object), join(ours('maps'), object), { recursive: true })
await follow(mergeMaps(options({ amap_savedir: ours('maps') })))

const same = { amap_savedir: theirs('planted'), bin_savedir: ours('masks') }
await follow(binariseMaps(options(same)))

cpSync(theirs('masks'), ours('refined'), { recursive: true })
await follow(
  refineMasks({
    ...options({ bin_savedir: ours('refined') }),
    open: (_, device) =>
      openSegmenterOf(tinyPlan, createSamCheckpoint(tinyPlan), { folder: ours('sam'), sha256: '' }, device),
  }),
)

const { metrics } = await follow(
  evaluateMasks(options({ amap_savedir: theirs('planted'), bin_savedir: theirs('masks') })),
)
writeFileSync(join(work, 'ours', 'evaluation.json'), JSON.stringify(metrics, null, 2))
