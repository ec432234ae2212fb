/**
 * Reads what reference.py saved and compares maps and image scores: for each file and size of the network's parts
 * put together here; then of imported model files on picture files.
 *
 *     npx node tools/parity/inp-former/ours.ts $WORK
 *
 * One thread. Differences are relative to the largest value.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { mergeRecipe, robisPaperRecipe } from '@assay/contract'
import { createGraph, writeOnnx, type Value } from '@assay/graph'

import { describeDinoV2 } from '../../../packages/core/src/backbone/dinov2/entry.ts'
import { offsetPositions } from '../../../packages/core/src/backbone/index.ts'
import { buildDinoV2 } from '../../../packages/core/src/backbone/dinov2/build.ts'
import { checkpointTensors, type DinoV2Plan } from '../../../packages/core/src/backbone/dinov2/plan.ts'
import { prepareDinoV2 } from '../../../packages/core/src/backbone/dinov2/prepare.ts'
import { readPublishedHead } from '../../../packages/core/src/method/inp-former/checkpoint.ts'
import { addPublishedMap } from '../../../packages/core/src/method/inp-former/map.ts'
import { addInpFormerScores } from '../../../packages/core/src/method/inp-former/score.ts'
import { importRobis, type ImportRobisOptions } from '../../../packages/core/src/pipeline/import-robis.ts'
import { openModel } from '../../../packages/core/src/pipeline/inspect.ts'
import { openSession } from '../../../packages/core/src/runtime/index.ts'
import { openCheckpoint } from '../../../packages/core/src/weights/index.ts'

const [work = ''] = process.argv.slice(2)
const given = JSON.parse(readFileSync(join(work, 'plan.json'), 'utf8')) as {
  readonly sizes: readonly number[]
  readonly images: number
  readonly encoder: { readonly width: number; readonly depth: number; readonly heads: number }
  readonly scores: Readonly<Record<string, readonly number[]>>
}
const { sizes, images } = given
const { width } = given.encoder
const encoder: DinoV2Plan = {
  ...given.encoder,
  registers: 4,
  patch: 14,
  grid: 37,
  positions: offsetPositions,
}
const taps = Array.from({ length: 8 }, (_, i) => `block${i + 2}`)
const side = 256

function readFloats(name: string): Float32Array {
  const bytes = readFileSync(join(work, name))
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}

function difference(found: Float32Array, expected: Float32Array): string {
  let worst = 0
  let largest = 0
  for (const [i, value] of expected.entries()) {
    worst = Math.max(worst, Math.abs(value - (found[i] ?? NaN)))
    largest = Math.max(largest, Math.abs(value))
  }
  return (worst / largest).toExponential(1)
}

for (const file of ['model.pth', 'wrapped.pth']) {
  await using checkpoint = await openCheckpoint(join(work, file))
  const head = await readPublishedHead(checkpoint)
  for (const name of head.encoder.names())
    if (!checkpointTensors(encoder).has(name)) throw new Error(`the encoder holds "${name}"`)
  const weights = await prepareDinoV2(head.encoder, encoder, taps)
  const recipe = mergeRecipe({ method: 'robis' }, robisPaperRecipe(), {
    inpFormer: { headWidth: head.plan.width / head.plan.heads, blocks: head.plan.blocks },
  })
  for (const size of sizes) {
    const g = createGraph('parity')
    const planes = g.input('planes', 'float32', ['n', 3, size, size])
    const found = buildDinoV2(g, planes, encoder, weights, taps)
    const grid = size / encoder.patch
    const groups = Array.from({ length: head.plan.groups }, (_, i): Value => {
      const maps = taps.slice(4 * i, 4 * i + 4).map((tap) => found[tap] as Value)
      return g.mul(
        maps.reduce((sum, map) => g.add(sum, map)),
        0.25,
      )
    })
    const rows = g.transpose(g.reshape(g.concat(groups, { axis: 1 }), [0, 2 * width, grid * grid]), [0, 2, 1])
    const fitted = { tensors: head.tensors, steps: 0, owners: null }
    const scores = addInpFormerScores(g, { scope: 'head.', rows, fitted, recipe })
    const map = addPublishedMap(g, g.reshape(scores.map, [0, 1, grid, grid]), planes)
    const top = g.topK(g.reshape(map, [0, -1]), Math.floor(side * side * recipe.score.topShare), { axis: 1 })
    g.output('map', map)
    g.output('score', g.mean(top.values, { axes: [1] }))
    const device = { name: 'cpu', reason: 'parity', threads: 1 } as const
    await using session = await openSession(writeOnnx(g.build()), device, file)
    const outputs = await session.run({
      planes: { dtype: 'float32', shape: [images, 3, size, size], data: readFloats(`images-${size}.f32`) },
    })
    const mapDifference = difference(outputs['map']?.data as Float32Array, readFloats(`maps-${size}.f32`))
    const scoreDifference = difference(
      outputs['score']?.data as Float32Array,
      readFloats(`scores-${size}.f32`),
    )
    console.log(`${file},${size},map ${mapDifference},score ${scoreDifference}`)
  }
}

const ways: Readonly<Record<string, Pick<ImportRobisOptions, 'input'>>> = {
  crop: { input: 392 },
  whole: { input: 518 },
  windows: {},
}
// Named like the published encoder, whose names it has; only narrower.
const entry = describeDinoV2('dinov2reg-vit-b14', encoder)
for (const [way, options] of Object.entries(ways)) {
  const good = join(work, way)
  const out = join(work, `${way}.onnx`)
  const checkpoint = join(work, 'model.pth')
  const importing = importRobis({ checkpoint, good, out, threads: 1, ...options }, [entry])
  while ((await importing.next()).done !== true);
  await using model = await openModel(out, { threads: 1 })
  const { fit } = model.card.recipe.input
  const scores: number[] = []
  for (let i = 0; i < images; i++) {
    const { record, map } = await model.inspect(join(good, `${i}.png`))
    scores.push(record.score ?? NaN)
    console.log(`${way} (${fit}),picture ${i},map ${difference(map, readFloats(`${way}-${i}.f32`))}`)
  }
  const expected = Float32Array.from(given.scores[way] ?? [])
  console.log(
    `${way} (${fit}),scores ${expected.join(' and ')},score ${difference(Float32Array.from(scores), expected)}`,
  )
}
