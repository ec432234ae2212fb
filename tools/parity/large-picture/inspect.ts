/**
 * Peak memory and time of inspecting one very large picture, beside those of the model alone.
 *
 *     npx node tools/parity/large-picture/inspect.ts <model.onnx> <width> <height>
 *
 * The picture is noise, written for it and removed. Run it once per size: the peak is that of the process.
 */
import { encodeJpeg, openModel } from '@assay/core'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

if (process.argv[2] === 'draw') {
  const [, , , target = '', columns = '', rows = ''] = process.argv
  await writeFile(target, await drawNoise(Number(columns), Number(rows)))
  process.exit(0)
}

const [model = '', width = '', height = ''] = process.argv.slice(2)
const folder = await mkdtemp(path.join(tmpdir(), 'assay-large-'))
const file = path.join(folder, 'large.jpg')
const megabytes = (): number => Math.round(process.resourceUsage().maxRSS / 1024)
try {
  await using inspector = await openModel(model, { threads: 1 })
  const own = inspector.card.products[0]?.window
  await inspector.inspect(await drawNoise(own?.width ?? 512, own?.height ?? 512))
  const alone = megabytes()
  // In a process of its own: drawing takes more memory than inspecting.
  execFileSync(process.execPath, [import.meta.filename, 'draw', file, width, height], { stdio: 'inherit' })
  const started = performance.now()
  const { record, reduction } = await inspector.inspect(file)
  const seconds = Math.round((performance.now() - started) / 1000)
  console.log(
    JSON.stringify({ width, height, alone, peak: megabytes(), seconds, reduction, score: record.score }),
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}

function drawNoise(columns: number, rows: number): Promise<Uint8Array> {
  const pixels = new Uint8Array(columns * rows * 3)
  let state = 1
  for (let i = 0; i < pixels.length; i++) {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    pixels[i] = 88 + (state >>> 26)
  }
  return encodeJpeg(pixels, columns, rows, 3)
}
