/**
 * How good masks are: one model per method and seed, learned in windows, its maps turned into masks by every
 * binariser; pooled over the test pictures of one set.
 *
 *     npx node bench/masks/run.ts <data> <set> <csv> [--methods cras,patchcore,robis] [--seeds 0] [--window 512]
 *         [--threads 1]
 *
 * Good-only binarisers learn from the held-out good pictures of the training. `published` is RoBiS's form,
 * MEBin and mean + 3 std over all maps of the test split; `best` is the single threshold with the largest SegF1,
 * which sees the truth: no rule for use, but the most that a threshold can give. classF1 counts a picture as flagged
 * when its mask is not empty.
 */
import {
  openModel,
  readDataset,
  readMask,
  trainModel,
  createPixelAccumulator,
  evaluatePixels,
} from '@assay/core'
import type { MethodName } from '@assay/contract'
import { roundToFloat16 } from '@assay/graph'
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { findBinariser, uniteBinarisers, type AnomalyMap } from '../../packages/core/src/binarise/index.ts'
import { createMasker } from '../../packages/core/src/pipeline/mask.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    methods: { type: 'string', default: 'cras,patchcore,robis' },
    seeds: { type: 'string', default: '0' },
    window: { type: 'string', default: '512' },
    threads: { type: 'string', default: '1' },
  },
})
const [data = '', set = '', csv = ''] = positionals
const columns = [
  'set',
  'method',
  'seed',
  'window',
  'binariser',
  'sees',
  'aupro05',
  'segF1',
  'classF1',
  'goodMasked',
]
const binarisers = ['threshold', 'hysteresis', 'mebin', 'sigma', 'quantile'] as const
if (!existsSync(csv)) writeFileSync(csv, `${columns.join(',')}\n`)

interface Judged {
  readonly map: AnomalyMap
  readonly truth: Uint8Array | null
}

for (const method of values.methods.split(','))
  for (const seed of values.seeds.split(',').map(Number)) await runOne(method as MethodName, seed)

async function runOne(method: MethodName, seed: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'assay-masks-'))
  const out = path.join(folder, 'model.onnx')
  const threads = Number(values.threads)
  try {
    const recipe = { mask: { binarisers: [...binarisers] } }
    const window = Number(values.window)
    for await (const _ of trainModel({
      data,
      out,
      method,
      seed,
      window,
      threads,
      recipe,
      profile: 'balanced',
    }));
    await using model = await openModel(out, { threads })
    const [product] = model.card.products
    if (product === undefined) throw new Error('a model without a product')
    const pixels = createPixelAccumulator()
    const judged: Judged[] = []
    const dataset = await readDataset(data)
    for (const sample of dataset.products.flatMap((p) => p.samples).filter((s) => s.split === 'test')) {
      const { map, width, height } = await model.inspect(sample.path)
      const truth =
        sample.maskPath === null
          ? null
          : await readMask(sample.maskPath, { name: sample.path, width, height })
      pixels.add(map, truth, width, height, sample.path)
      judged.push({ map: { width, height, values: map }, truth })
    }
    const aupro05 = evaluatePixels(pixels.rank()).aupro05 ?? NaN
    const write = (name: string, sees: string, masks: readonly Uint8Array[]): void => {
      const { segF1, classF1, goodMasked } = measure(masks, judged)
      const row = [set, method, seed, values.window, name, sees, aupro05, segF1, classF1, goodMasked]
      appendFileSync(csv, `${row.map((v) => (typeof v === 'number' ? Number(v.toFixed(4)) : v)).join(',')}\n`)
    }
    for (const [i, name] of binarisers.entries()) {
      const masker = createMasker({
        ...model.card.recipe,
        mask: { ...model.card.recipe.mask, binarisers: [name] },
      })
      const own = { pixel: product.pixel, mask: [product.mask[i] ?? null] }
      write(
        name,
        'good',
        judged.map(({ map }) => masker.makeMask(map, own)),
      )
    }
    write('published', 'test', published(judged.map((j) => j.map)))
    write('best', 'truth', bestThreshold(judged))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function measure(masks: readonly Uint8Array[], judged: readonly Judged[]) {
  const found = { both: 0, marked: 0, true: 0, hits: 0, flagged: 0, defects: 0, good: 0, goodMasked: 0 }
  for (const [i, { truth }] of judged.entries()) {
    const mask = masks[i] ?? new Uint8Array()
    const isFlagged = mask.some((v) => v !== 0)
    if (isFlagged) found.flagged++
    if (truth === null) {
      found.good++
      if (isFlagged) found.goodMasked++
    } else {
      found.defects++
      if (isFlagged) found.hits++
    }
    for (let p = 0; p < mask.length; p++) {
      const isTrue = truth !== null && truth[p] !== 0
      if (mask[p] !== 0) found.marked++
      if (isTrue) found.true++
      if (isTrue && mask[p] !== 0) found.both++
    }
  }
  return {
    segF1: (2 * found.both) / (found.marked + found.true),
    classF1: (2 * found.hits) / (found.flagged + found.defects),
    goodMasked: found.goodMasked / found.good,
  }
}

/** The published form: maps as float16 from 0 to 255 over the split, MEBin united with mean + 3 std over the split. */
function published(maps: readonly AnomalyMap[]): readonly Uint8Array[] {
  let [low, high] = [Infinity, -Infinity]
  for (const { values: v } of maps) for (const x of v) [low, high] = [Math.min(low, x), Math.max(high, x)]
  const scaled = maps.map((map) => ({
    ...map,
    values: map.values.map((v) => roundToFloat16(((v - low) / (high - low + 1e-8)) * 255)),
  }))
  const united = uniteBinarisers([findBinariser('mebin-published'), findBinariser('sigma-published')])
  const fit = united.startFit?.(united.defaults)
  for (const map of scaled) fit?.add(map)
  const state = fit?.finish() ?? []
  return scaled.map((map) => united.binarise(map, state, united.defaults))
}

function bestThreshold(judged: readonly Judged[]): readonly Uint8Array[] {
  let [low, high] = [Infinity, -Infinity]
  for (const { map } of judged)
    for (const x of map.values) [low, high] = [Math.min(low, x), Math.max(high, x)]
  const bins = 4096
  const all = new Float64Array(bins)
  const hits = new Float64Array(bins)
  let truths = 0
  for (const { map, truth } of judged)
    for (let p = 0; p < map.values.length; p++) {
      const bin = Math.min(bins - 1, Math.floor(((map.values[p]! - low) / (high - low)) * bins))
      all[bin]!++
      if (truth === null || truth[p] === 0) continue
      hits[bin]!++
      truths++
    }
  let best = { f1: -1, bin: bins }
  for (let bin = bins - 1, marked = 0, both = 0; bin >= 0; bin--) {
    marked += all[bin]!
    both += hits[bin]!
    const f1 = (2 * both) / (marked + truths)
    if (f1 > best.f1) best = { f1, bin }
  }
  const threshold = low + ((high - low) * best.bin) / bins
  return judged.map(({ map }) => Uint8Array.from(map.values, (v) => (v >= threshold ? 255 : 0)))
}
