/**
 * Writes EfficientNet-Lite as ONNX for tools/parity/backbone.py, which compares it with PyTorch.
 *
 *   node tools/parity/backbone.ts lite2 efficientnet-lite2-9656183e.pth <folder>
 *
 * <folder>/float32.onnx holds the whole network with the weights of the checkpoint, folded; float16.onnx the
 * embedded file of that variant. Input `x` is float32 [n, 3, h, w], normalised; each tap is an output.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createGraph, writeOnnx, type Value } from '@assay/graph'

import {
  buildEfficientNetLite,
  findBackbone,
  foldEfficientNetLite,
  openBackbone,
  planEfficientNetLite,
  type EfficientNetLiteVariant,
} from '../../packages/core/src/backbone/index.ts'
import { openCheckpoint } from '../../packages/core/src/weights/index.ts'

const [variant, checkpointPath, folder] = process.argv.slice(2)
if (variant === undefined || checkpointPath === undefined || folder === undefined) {
  console.error('usage: backbone.ts <lite0|lite1|lite2> <.pth> <folder>')
  process.exit(64)
}
await mkdir(folder, { recursive: true })

const plan = planEfficientNetLite(variant as EfficientNetLiteVariant)
await using checkpoint = await openCheckpoint(checkpointPath)
const folded = await foldEfficientNetLite(checkpoint, plan)
const names = plan.taps.map(({ name }) => name)
await write('float32.onnx', (g, x) => buildEfficientNetLite(g, x, plan, folded, names))

const { card } = findBackbone(`efficientnet-${variant}`)
const kept = card.taps.map(({ name }) => name)
const embedded = await openBackbone(card.id, kept)
await write('float16.onnx', (g, x) => embedded.build(g, x, kept))

async function write(
  file: string,
  build: (g: ReturnType<typeof createGraph>, x: Value) => Record<string, Value>,
): Promise<void> {
  const g = createGraph('backbone')
  const taps = build(g, g.input('x', 'float32', ['n', 3, 'h', 'w']))
  for (const [name, value] of Object.entries(taps)) g.output(name, value)
  const bytes = writeOnnx(g.build())
  await writeFile(join(folder!, file), bytes)
  console.log(`${file}: ${bytes.length} bytes`)
}
