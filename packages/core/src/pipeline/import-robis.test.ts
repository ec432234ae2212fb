/** A model.pth that the authors' own code saved (tools/golden/robis_import.py), as a model of ours. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Tensor } from '@assay/graph'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeDinoV2 } from '../backbone/dinov2/entry.ts'
import { offsetPositions } from '../backbone/index.ts'
import { encodePng } from '../image/index.ts'
import { drain } from '../testing/drain.ts'
import { createTestFolder, type TestFolder } from '../testing/folder.ts'
import { openCheckpoint, writeSafetensors } from '../weights/index.ts'
import { importRobis, type ImportRobisOptions } from './import-robis.ts'
import { openModel } from './inspect.ts'

interface Golden {
  readonly plan: { readonly width: number; readonly heads: number; readonly depth: number }
  readonly number: number
  readonly judged: readonly {
    readonly way: 'whole' | 'crop' | 'windows'
    readonly score: number
    readonly map: readonly [y: number, x: number, value: number][]
  }[]
}

const golden = JSON.parse(readFileSync(fixture('golden/robis-import.json'), 'utf8')) as Golden
const checkpoint = fixture('weights/robis/model.pth')
const [height, width] = [224, 320]

// Named like the published encoder; only narrower.
const small = describeDinoV2('dinov2reg-vit-b14', {
  ...golden.plan,
  registers: 4,
  patch: 14,
  grid: 37,
  positions: offsetPositions,
})

// The pictures are the same bytes on both sides; what differs is float32 added in another order.
const tolerance = 1e-4

function fixture(path: string): string {
  return fileURLToPath(new URL(`../../../../fixtures/${path}`, import.meta.url))
}

/** `picture` of tools/golden/robis_import.py, `[224, 320, 3]`. */
function drawStripes(number: number): Uint8Array {
  return Uint8Array.from({ length: height * width * 3 }, (_, i) => {
    const noise = Math.imul(i, 2654435761) >>> 27
    const [c, x, y] = [i % 3, Math.floor(i / 3) % width, Math.floor(i / (3 * width))]
    const stripes = ((Math.floor(x / 24) + Math.floor(y / 48) + number) % 2) * 90
    return (stripes + 30 * c + noise + 20 * number) % 256
  })
}

let folder: TestFolder
beforeAll(async () => {
  folder = await createTestFolder()
  const { number } = golden
  await folder.write(`good/plate/${number}.png`, await encodePng(drawStripes(number), width, height, 3))
})
afterAll(() => folder[Symbol.asyncDispose]())

function start(options: Partial<ImportRobisOptions>) {
  const good = folder.at('good/plate')
  return importRobis({ checkpoint, good, out: folder.at('model.onnx'), threads: 1, ...options }, [small])
}

const ways = {
  whole: [{}, { fit: 'whole' }],
  crop: [{ input: 392 }, { fit: 'square-crop', resize: 448, crop: 392 }],
  windows: [{ window: 200 }, { fit: 'tiles', window: 200, overlap: 0.1, edge: 'pad' }],
} as const

test.each(golden.judged)(
  "$way: picture files get the scores and maps of the authors' code",
  async ({ way, score, map }) => {
    const [options, input] = ways[way]
    const out = folder.at(`${way}.onnx`)
    const { result } = await drain(start({ ...options, out }))
    expect(result.recipe).toMatchObject({ method: 'robis', mode: 'paper', input })
    await using model = await openModel(out, { threads: 1 })
    const found = await model.inspect(folder.at(`good/plate/${golden.number}.png`))
    expect(Math.abs((found.record.score ?? NaN) - score)).toBeLessThan(tolerance)
    for (const [y, x, value] of map)
      expect(Math.abs((found.map[y * width + x] ?? NaN) - value)).toBeLessThan(tolerance)
    expect(found.record).toMatchObject({ product: 'plate', verdict: 'good' })
    // Their code keeps the last epoch, so nothing of a test was looked at.
    expect(model.card).toMatchObject({
      sees: 'good',
      weights: { backbone: 'dinov2reg-vit-b14', licence: 'Apache-2.0', sha256: sumOf(checkpoint) },
      data: { images: 0 },
      imported: [{ file: 'model.pth', sha256: sumOf(checkpoint) }],
      recipe: { inpFormer: { prototypes: 6, headWidth: 4, blocks: 8 } },
      products: [{ trainingImages: 0, heldOutImages: 1 }],
      // The good picture, as it is and with an inverted square.
      parity: [{ provider: 'cpu', images: 2, misrouted: 0, score: 0, map: 0, mask: 0 }],
    })
    expect(model.card.weights.origin).toContain('as the imported file holds it')
  },
)

function sumOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

test('one good picture beyond 1024 pixels asks for windows of 1024, as RoBiS cuts them; INP-Former never does', async () => {
  await folder.write('wide/0.png', await encodePng(new Uint8Array(64 * 64), 64, 64, 1))
  await folder.write('wide/1.png', await encodePng(new Uint8Array(1025 * 20), 1025, 20, 1))
  const windowOf = async (input: 518 | 392): Promise<unknown> => {
    for await (const event of start({ good: folder.at('wide'), input }))
      if (event.type === 'data') return event.products[0]?.window
    return undefined
  }
  expect(await windowOf(518)).toEqual({ height: 1024, width: 1024 })
  expect(await windowOf(392)).toBeNull()
})

test('the product is named where the good pictures are of several', async () => {
  for (const name of ['can', 'jar'])
    await folder.write(`two/${name}/0.png`, await encodePng(drawStripes(1), width, height, 3))
  const names = async (product: string | undefined): Promise<unknown> => {
    for await (const event of start({ good: folder.at('two'), product }))
      if (event.type === 'data') return event.products.map((p) => p.name)
    return undefined
  }
  expect(await names('jar')).toEqual(['jar'])
  await expect(names(undefined)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(names('lid')).rejects.toMatchObject({ code: 'PRODUCT_UNKNOWN' })
})

test('windows do not go with the input that cuts the border off', async () => {
  await expect(drain(start({ input: 392, window: 1024 }))).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('the border would be cut off'),
  })
})

test('a file that is no INP-Former, or of another encoder, is refused by the first tensor that tells it', async () => {
  const tensors = new Map<string, Tensor>()
  await using file = await openCheckpoint(checkpoint)
  for (const name of file.names()) tensors.set(name, await file.tensor(name))
  const register = 'encoder.register_tokens'
  const write = async (name: string, change: (tensors: Map<string, Tensor>) => void): Promise<string> => {
    const changed = new Map(tensors)
    change(changed)
    return await folder.write(`${name}.safetensors`, writeSafetensors(changed))
  }
  const cases: [string, string, string][] = [
    [
      await write('headless', (t) => t.delete('aggregation.0.attn.q.weight')),
      'WEIGHTS_UNSUITABLE',
      'it has no "aggregation.0.attn.q.weight"',
    ],
    [await write('plain', (t) => t.delete(register)), 'WEIGHTS_UNSUITABLE', 'it lacks "register_tokens"'],
    [
      await write('deep', (t) => t.set('encoder.blocks.12.ls1.gamma', tensors.get(register)!)),
      'WEIGHTS_UNSUITABLE',
      'it has more than that network: "blocks.12.ls1.gamma"',
    ],
    [
      await write('odd', (t) => {
        for (const name of t.keys()) if (name.startsWith('decoder.7.')) t.delete(name)
      }),
      'WEIGHTS_UNSUITABLE',
      'its last block is "decoder.6", and 7 blocks do not make 2 groups',
    ],
    [folder.at('none.pth'), 'WEIGHTS_UNREADABLE', 'none.pth'],
    [folder.at('good/plate/3.png'), 'WEIGHTS_UNREADABLE', 'no PyTorch checkpoint'],
  ]
  for (const [path, code, text] of cases)
    await expect(drain(start({ checkpoint: path })), text).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text),
    })
  // The published encoder is wider.
  const good = folder.at('good/plate')
  const out = folder.at('wide.onnx')
  await expect(drain(importRobis({ checkpoint, good, out }))).rejects.toMatchObject({
    code: 'WEIGHTS_UNSUITABLE',
    message: expect.stringContaining(
      '"prototype_token" is of width 8, but that backbone has tokens of width 768',
    ),
  })
  await expect(drain(importRobis({ checkpoint, good, out, backbone: 'resnet18' }))).rejects.toMatchObject({
    code: 'BACKBONE_UNKNOWN',
  })
})
